"""Tests of envdoctor.dockerfile and `lint`."""
