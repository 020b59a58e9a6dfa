"""Images and labels in folders, archives and tables."""
