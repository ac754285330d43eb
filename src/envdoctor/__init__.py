"""envdoctor: finds out what is wrong with a deep-learning environment, and sets one up that works."""

__version__ = "0.1.0"
