"""Rules about the operating system and the processor."""
