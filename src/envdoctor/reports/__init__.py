"""Pasted text from another machine → facts: one parser per format, all of them run over the whole text."""
