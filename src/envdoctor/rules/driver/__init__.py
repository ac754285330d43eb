"""Rules about the NVIDIA driver."""
