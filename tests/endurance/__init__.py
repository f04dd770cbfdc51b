"""What a run must survive: kills at random instants, leagues in which everything goes wrong, by hand for hours."""
