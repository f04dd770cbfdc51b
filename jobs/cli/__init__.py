"""What all commands share: arguments, progress, tables. No command's own logic."""
