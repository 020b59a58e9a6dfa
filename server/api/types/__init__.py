"""GraphQL types, each created from a row by ``of``."""
