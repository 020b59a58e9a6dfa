"""The types that clients see, each made of a row by ``of``."""
