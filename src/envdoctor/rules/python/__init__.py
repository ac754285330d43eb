"""Rules about Python interpreters and environments."""
