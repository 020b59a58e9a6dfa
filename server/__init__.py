"""GraphQL over Starlette; knows HTTP, nothing else does."""
