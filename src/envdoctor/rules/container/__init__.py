"""Rules about containers and what they grant."""
