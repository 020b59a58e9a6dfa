"""Authentication and visibility: sessions, tokens, permissions and signed URLs."""
