# mypy: ignore-errors
"""Keras: a small model is fitted on whichever backend is configured; the loss must fall."""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if sys.argv[1] == "cpu":
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
if len(sys.argv) > 2:
    os.environ["KERAS_BACKEND"] = sys.argv[2]

import keras
import numpy


def main():
    """Fit, and print what it ran on."""
    generator = numpy.random.RandomState(0)
    inputs = generator.rand(64, 16).astype("float32")
    targets = inputs @ generator.rand(16, 1).astype("float32")
    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse")
    losses = model.fit(inputs, targets, epochs=10, verbose=0).history["loss"]
    if not losses[-1] < losses[0]:
        raise SystemExit(f"training did not lower the loss: {losses[0]} to {losses[-1]}")
    backend = keras.backend.backend()
    detail = f"keras {keras.__version__} on {backend}, loss {losses[0]:.3f} to {losses[-1]:.3f}"
    print(json.dumps({"device": backend, "detail": detail, "version": keras.__version__}))


main()
