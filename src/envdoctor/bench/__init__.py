"""Bench: what the hardware delivers, measured in processes of their own, against what it should."""
