"""Mutations, with one input and one payload each; errors that callers can correct are data."""
