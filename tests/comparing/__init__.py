"""Tests of envdoctor.comparing."""
