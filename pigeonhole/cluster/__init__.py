"""What runs on a Ray cluster: the encoder service, and the embedding of whole buckets.

Ray is an optional extra, `pigeonhole[ray]`; it is imported by the modules that use it alone.
"""
