"""arq tasks, one call into the domain each."""
