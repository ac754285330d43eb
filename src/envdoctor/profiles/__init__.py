"""Profiles: YAML files that say what an environment must be. Declarative only: nothing in one is executed."""
