# mypy: ignore-errors
"""JAX: compiled gradient steps on a linear model; the loss must fall."""

import json
import os
import sys

wanted = sys.argv[1]
if wanted == "cpu":
    os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402 - the variable above must be set first
import jax.numpy as jnp  # noqa: E402


def main():
    """Train, and print what it ran on."""
    device = jax.devices()[0]
    if wanted == "gpu" and device.platform == "cpu":
        raise SystemExit("jax does not see an accelerator")
    one, two = jax.random.split(jax.random.PRNGKey(0))
    inputs = jax.random.normal(one, (64, 16))
    targets = inputs @ jax.random.normal(two, (16, 1))
    step = jax.jit(jax.value_and_grad(lambda weights: jnp.mean((inputs @ weights - targets) ** 2)))
    weights = jnp.zeros((16, 1))
    losses = []
    for _ in range(30):
        loss, slope = step(weights)
        weights = weights - 0.05 * slope
        losses.append(float(loss))
    if not losses[-1] < losses[0]:
        raise SystemExit(f"training did not lower the loss: {losses[0]} to {losses[-1]}")
    detail = f"jax {jax.__version__}, loss {losses[0]:.3f} to {losses[-1]:.3f}"
    print(json.dumps({"device": getattr(device, "device_kind", device.platform), "detail": detail, "version": jax.__version__}))


main()
