"""Verify: small real computations, each in a fresh process of the environment's own interpreter."""
