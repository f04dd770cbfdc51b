"""The state of every requested date, and what became of it."""
