"""The GraphQL schema: types, queries, mutations, subscriptions and loaders. HTTP is in `web` and
`transport`.
"""
