"""Knowledge: what goes with what. Cited rows in `data/`, and small pure look-ups beside this file."""
