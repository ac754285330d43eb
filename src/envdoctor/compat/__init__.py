"""Will this run there? Requirements and a stated machine become facts, which the same rules judge."""
