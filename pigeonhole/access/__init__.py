"""Who may do what, and how often: keys, viewers, the audit log, rates and open sockets.

HTTP lives in `server`.
"""
