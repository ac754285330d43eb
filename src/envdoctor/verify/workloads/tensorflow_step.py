# mypy: ignore-errors
"""TensorFlow: gradient steps on a linear model; the loss must fall."""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
wanted = sys.argv[1]
if wanted == "cpu":
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import tensorflow as tf  # noqa: E402 - the variables above must be set first


def main():
    """Train, and print what it ran on."""
    gpus = tf.config.list_physical_devices("GPU")
    if wanted == "gpu" and not gpus:
        raise SystemExit("tensorflow does not see a GPU")
    tf.random.set_seed(0)
    inputs = tf.random.normal((64, 16))
    targets = tf.matmul(inputs, tf.random.normal((16, 1)))
    weights = tf.Variable(tf.zeros((16, 1)))
    losses = []
    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.matmul(inputs, weights) - targets) ** 2)
        weights.assign_sub(0.05 * tape.gradient(loss, weights))
        losses.append(float(loss))
    if not losses[-1] < losses[0]:
        raise SystemExit(f"training did not lower the loss: {losses[0]} to {losses[-1]}")
    detail = f"tensorflow {tf.__version__}, loss {losses[0]:.3f} to {losses[-1]:.3f}"
    print(json.dumps({"device": gpus[0].name if gpus else "cpu", "detail": detail, "version": tf.__version__}))


main()
