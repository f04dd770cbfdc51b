"""Settings: options, environment, files, in one validated object."""
