"""What `audit_leaks` and `compare` read and hold against each other."""
