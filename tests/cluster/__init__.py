"""Tests of jobs that run on a real cluster, from the built artifact."""
