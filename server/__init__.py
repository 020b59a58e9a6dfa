"""GraphQL and REST over Starlette. Only this package knows HTTP."""
