"""Rules about CUDA and its libraries."""
