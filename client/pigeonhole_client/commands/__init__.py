"""Commands that use a server's API, of ``pigeonhole-client`` and also of ``pigeonhole``.

Exit status: 0 if everything was done; 1 if the command failed, with the reason on
standard error; 2 if some images were refused, or the command line is wrong; 130 after Ctrl-C.
"""
