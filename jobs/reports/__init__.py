"""What a command found, as a dataclass, its JSON and its rendering. Decides nothing."""
