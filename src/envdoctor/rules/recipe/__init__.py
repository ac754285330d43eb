"""Rules about the text of a Dockerfile: what the image would get wrong."""
