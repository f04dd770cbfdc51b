"""Runs, dates and skipped rows as the ledger has them, and who holds which dates."""
