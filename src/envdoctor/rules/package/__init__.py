"""Rules about installed packages."""
