"""Tests that need Ray, which is not part of the extra `dev`: see CONTRIBUTING.md."""
