"""A check of each correction: an emulator with it passes, one without it fails; test_corrections.py runs them."""

from tests.bigquery_emulator.checks import connector, jobs, streams, tables, time_travel

MODULES = (tables, jobs, time_travel, streams, connector)
