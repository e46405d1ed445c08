"""Scripts that run in a peer's own Python: they import nothing of this project."""
