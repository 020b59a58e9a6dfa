"""Backup, restoration and copying of a whole deployment: its database and its images.

``rows`` reads and writes one table, ``databases`` all tables, and ``pictures`` the images that rows
refer to. ``copy`` and ``archive`` combine them.
"""
