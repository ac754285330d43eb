"""Workloads: programs that run in the environment under examination, each alone, with nothing of envdoctor's.

Each takes a device (`auto`, `cpu`, `gpu`), works on any Python from 3.6 on, and prints one line of JSON at its end:
`{"device": "...", "detail": "..."}`. A failure is a traceback and a status other than 0.
"""
