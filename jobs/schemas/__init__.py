"""Columns as data. Imports nothing of the project."""
