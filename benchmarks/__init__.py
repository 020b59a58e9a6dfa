"""Measurements: run by hand, printed as JSON lines."""
