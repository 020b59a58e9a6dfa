"""Tests of ``pigeonhole.backup``."""
