"""Basketball as pure functions: DataFrames in, DataFrame out.

No session, table name, clock, input or output lives here, and no action runs here.
"""
