"""The four pre-computed tables, computed for every date at once from what was known before it."""
