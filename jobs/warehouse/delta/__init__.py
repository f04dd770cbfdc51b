"""All that is particular to Delta tables."""
