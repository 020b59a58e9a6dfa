"""Mutations: one input, one payload; what the caller can put right is data in ``errors``."""
