"""Object stores for tests, on this machine and over the real wire protocols: Cloud Storage and S3.

Nothing here knows of a table.
"""
