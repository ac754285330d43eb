"""Whether a model fits: the memory of weights, gradients, optimizer, activations and key-value cache, by published formulas."""
