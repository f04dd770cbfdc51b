"""Benchmarks, run by hand: whole processes, cold, with the seconds of processor time beside those of the clock."""
