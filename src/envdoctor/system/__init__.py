"""System: the only package that touches a machine."""
