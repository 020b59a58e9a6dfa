"""Everything served besides GraphQL: REST, the page, login and health."""
