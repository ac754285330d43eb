"""Dockerfiles read as text: what the image would be made of, and which line says so. Nothing is built or run."""
