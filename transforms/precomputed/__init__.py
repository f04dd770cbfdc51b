"""The four phase 4 tables, computed for every date at once from what was known before it."""
