"""A BigQuery to test against, offline: an emulator behind REST and gRPC over TLS, corrected where it differs.

Start it from a test by `Emulator` (see emulator.py), by hand with `python -m tests.bigquery_emulator`.
"""
