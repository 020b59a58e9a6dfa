"""URLs of databases, Redis and storage: one parser for each, used by all clients and `doctor`.

Options of a URL that are not supported are refused by name; none is silently ignored.
"""
