"""One row for every recording beside the project: what its own words say, against the facts that are read from it."""
