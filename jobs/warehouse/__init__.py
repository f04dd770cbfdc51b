"""Where tables are read and written: one interface, one class for each warehouse, and every table's columns.

Nothing here knows what a feature means.
"""
