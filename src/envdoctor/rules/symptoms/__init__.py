"""Faults that only an error message shows so far: each has its page here, and its messages in knowledge/data/messages.yaml."""
