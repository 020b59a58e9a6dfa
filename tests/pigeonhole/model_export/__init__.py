"""Tests of ``pigeonhole.model_export``."""
