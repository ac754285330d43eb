"""Tests of envdoctor.fit."""
