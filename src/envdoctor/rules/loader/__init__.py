"""Rules about what would be loaded, and about files of an environment that stand in each other's way."""
