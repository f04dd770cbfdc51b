"""The life of a run: sources, computation, staging, verification, MERGE, resume."""
