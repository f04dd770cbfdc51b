"""What every job needs around its own work: configuration, session, errors, progress, planning, accounting, ledger.

Nothing here knows a feature, and nothing here reads or writes a table itself (that is `jobs.warehouse`).
"""
