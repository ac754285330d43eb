# mypy: ignore-errors
"""JAX: the four small networks as pure functions of their weights, in any precision."""

import jax
import jax.numpy as jnp
import numpy

STEPS = 8
WIDTH = 32


def normal(shape, seed, scale=0.1):
    """Random float32 numbers, the same each time."""
    return jnp.asarray((numpy.random.RandomState(seed).randn(*shape) * scale).astype("float32"))


def labels(shape, count, seed):
    """Random classes, the same each time."""
    return jnp.asarray(numpy.random.RandomState(seed).randint(0, count, shape).astype("int32"))


def perceptron():
    """A multilayer perceptron: its weights, its data, its function."""
    weights = [normal((64, 128), 1), normal((128,), 2), normal((128, 10), 3)]

    def apply(weights, inputs):
        return jax.nn.relu(inputs @ weights[0] + weights[1]) @ weights[2]

    return weights, normal((128, 64), 4, 1.0), labels((128,), 10, 5), apply


def convolve(inputs, kernel):
    """A convolution of images with channels last."""
    return jax.lax.conv_general_dilated(inputs, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pooled(inputs):
    """The mean of every 2 x 2 places."""
    count, height, width, channels = inputs.shape
    return inputs.reshape(count, height // 2, 2, width // 2, 2, channels).mean((2, 4))


def convolutional():
    """Convolutions and pooling on images shaped like CIFAR-10."""
    weights = [normal((3, 3, 3, 16), 1, 0.2), normal((3, 3, 16, 32), 2), normal((2048, 10), 3, 0.05)]

    def apply(weights, inputs):
        hidden = pooled(jax.nn.relu(convolve(inputs, weights[0])))
        hidden = pooled(jax.nn.relu(convolve(hidden, weights[1])))
        return hidden.reshape(hidden.shape[0], -1) @ weights[2]

    return weights, normal((32, 32, 32, 3), 4, 1.0), labels((32,), 10, 5), apply


def recurrent():
    """A gated recurrent network over sequences, by lax.scan."""
    weights = [normal((8 + WIDTH, 2 * WIDTH), 1, 0.2), normal((8 + WIDTH, WIDTH), 2, 0.2), normal((WIDTH, 4), 3, 0.3)]

    def apply(weights, inputs):
        def step(state, given):
            update, reset = jnp.split(jax.nn.sigmoid(jnp.concatenate([given, state], 1) @ weights[0]), 2, axis=1)
            state = (1 - update) * state + update * jnp.tanh(jnp.concatenate([given, reset * state], 1) @ weights[1])
            return state, None

        start = jnp.zeros((inputs.shape[0], WIDTH), inputs.dtype)
        return jax.lax.scan(step, start, inputs.swapaxes(0, 1))[0] @ weights[2]

    return weights, normal((32, 20, 8), 4, 1.0), labels((32,), 4, 5), apply


def normed(hidden):
    """Layer norm without parameters."""
    return (hidden - hidden.mean(-1, keepdims=True)) / jnp.sqrt(hidden.var(-1, keepdims=True) + 1e-5)


def transformer():
    """One block of causal attention and a perceptron over tokens; it predicts the next one."""
    shapes = ((64, WIDTH), (WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, 2 * WIDTH), (2 * WIDTH, WIDTH), (WIDTH, 64))
    weights = [normal(shape, seed, 0.3) for seed, shape in enumerate(shapes)]
    tokens = labels((8, 17), 64, 9)

    def heads(hidden):
        return hidden.reshape(8, 16, 4, WIDTH // 4).transpose(0, 2, 1, 3)

    def apply(weights, tokens):
        hidden = weights[0][tokens]
        queries, keys, values = (heads(one) for one in jnp.split(normed(hidden) @ weights[1], 3, axis=-1))
        scores = queries @ keys.swapaxes(-1, -2) / (WIDTH // 4) ** 0.5
        scores = jnp.where(jnp.tril(jnp.ones((16, 16), bool)), scores, -1e4)
        mixed = jax.nn.softmax(scores, axis=-1) @ values
        hidden = hidden + mixed.transpose(0, 2, 1, 3).reshape(8, 16, WIDTH) @ weights[2]
        hidden = hidden + jax.nn.relu(normed(hidden) @ weights[3]) @ weights[4]
        return (normed(hidden) @ weights[5]).reshape(-1, 64)

    return weights, tokens[:, :-1], tokens[:, 1:].reshape(-1), apply


def loss_of(apply, weights, inputs, targets):
    """Cross entropy."""
    scores = jax.nn.log_softmax(apply(weights, inputs))
    return -scores[jnp.arange(targets.shape[0]), targets].mean()


def train(step, weights, rate=0.5, steps=STEPS):
    """Steps along the gradient, each of the same length at most; the losses."""
    update = jax.jit(lambda weights, found: moved(weights, found, rate))
    losses = []
    for _ in range(steps):
        loss, found = step(weights)
        weights = update(weights, found)
        losses.append(float(loss))
    return losses


def moved(weights, found, rate):
    """Weights one step along the gradient."""
    squares = jnp.stack([(slope.astype(jnp.float32) ** 2).sum() for slope in found])
    length = jnp.maximum(jnp.sqrt(squares.sum()), 1.0)
    return [weight - (rate / length) * slope for weight, slope in zip(weights, found)]  # noqa: B905 - not before 3.10
