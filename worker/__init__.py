"""The worker: arq tasks, each of which is one call into the domain."""
