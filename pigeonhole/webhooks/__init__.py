"""Webhooks: URLs that are told of changes.

An event is written with the change that it tells of, and delivered by a worker afterwards: at least
once, and in order for each function.
"""
