# mypy: ignore-errors
"""TensorFlow: the four small networks out of plain operations, in any precision."""

import tensorflow as tf

STEPS = 8
WIDTH = 32


def normal(shape, seed, scale=0.1):
    """Random float32 numbers, the same each time."""
    return tf.random.stateless_normal(shape, seed=(seed, 1)) * scale


def labels(shape, count, seed):
    """Random classes, the same each time."""
    return tf.random.stateless_uniform(shape, seed=(seed, 2), maxval=count, dtype=tf.int32)


def perceptron():
    """A multilayer perceptron: its weights, its data, its function."""
    weights = [normal((64, 128), 1), normal((128,), 2), normal((128, 10), 3)]

    def apply(weights, inputs):
        return tf.nn.relu(inputs @ weights[0] + weights[1]) @ weights[2]

    return weights, normal((128, 64), 4, 1.0), labels((128,), 10, 5), apply


def convolutional():
    """Convolutions and pooling on images shaped like CIFAR-10."""
    weights = [normal((3, 3, 3, 16), 1, 0.2), normal((3, 3, 16, 32), 2), normal((2048, 10), 3, 0.05)]

    def apply(weights, inputs):
        hidden = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(inputs, weights[0], 1, "SAME")), 2, 2, "SAME")
        hidden = tf.nn.avg_pool2d(tf.nn.relu(tf.nn.conv2d(hidden, weights[1], 1, "SAME")), 2, 2, "SAME")
        return tf.reshape(hidden, (hidden.shape[0], -1)) @ weights[2]

    return weights, normal((32, 32, 32, 3), 4, 1.0), labels((32,), 10, 5), apply


def recurrent():
    """A gated recurrent network over sequences."""
    weights = [normal((8 + WIDTH, 2 * WIDTH), 1, 0.2), normal((8 + WIDTH, WIDTH), 2, 0.2), normal((WIDTH, 4), 3, 0.3)]

    def apply(weights, inputs):
        state = tf.zeros_like(inputs[:, 0, :1] @ weights[2][:1, :1]) + tf.zeros_like(weights[1][0])
        for step in tf.unstack(inputs, axis=1):
            update, reset = tf.split(tf.sigmoid(tf.concat([step, state], 1) @ weights[0]), 2, axis=1)
            state = (1 - update) * state + update * tf.tanh(tf.concat([step, reset * state], 1) @ weights[1])
        return state @ weights[2]

    return weights, normal((32, 20, 8), 4, 1.0), labels((32,), 4, 5), apply


def transformer():
    """One block of causal attention and a perceptron over tokens; it predicts the next one."""
    shapes = ((64, WIDTH), (WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, 2 * WIDTH), (2 * WIDTH, WIDTH), (WIDTH, 64))
    weights = [normal(shape, seed, 0.3) for seed, shape in enumerate(shapes)]
    tokens = labels((8, 17), 64, 9)

    def heads(hidden):
        return tf.transpose(tf.reshape(hidden, (8, 16, 4, WIDTH // 4)), (0, 2, 1, 3))

    def apply(weights, tokens):
        hidden = tf.gather(weights[0], tokens)
        queries, keys, values = (heads(one) for one in tf.split(normed(hidden) @ weights[1], 3, axis=-1))
        scores = tf.matmul(queries, keys, transpose_b=True) / tf.cast(WIDTH // 4, hidden.dtype) ** 0.5
        mask = tf.linalg.band_part(tf.ones((16, 16), hidden.dtype), -1, 0)
        mixed = tf.nn.softmax(scores - (1 - mask) * 1e4) @ values
        hidden += tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), (8, 16, WIDTH)) @ weights[2]
        hidden += tf.nn.relu(normed(hidden) @ weights[3]) @ weights[4]
        return tf.reshape(normed(hidden) @ weights[5], (-1, 64))

    return weights, tokens[:, :-1], tf.reshape(tokens[:, 1:], (-1,)), apply


def normed(hidden):
    """Layer norm without parameters."""
    mean, variance = tf.nn.moments(hidden, [-1], keepdims=True)
    return (hidden - mean) / tf.sqrt(variance + 1e-5)


def loss_of(apply, weights, inputs, targets):
    """Cross entropy."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=apply(weights, inputs)))


def slopes(apply, weights, inputs, targets):
    """The loss, and the gradient of each weight."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        loss = loss_of(apply, weights, inputs, targets)
    return loss, [tf.convert_to_tensor(one) for one in tape.gradient(loss, weights)]


def train(step, weights, rate=0.5, steps=STEPS):
    """Steps along the gradient, each of the same length at most; the losses."""
    losses = []
    for _ in range(steps):
        loss, found = step(weights)
        length = tf.maximum(tf.linalg.global_norm(found), 1.0)
        rates = rate / length
        weights = [weight - tf.cast(rates, weight.dtype) * slope for weight, slope in zip(weights, found)]  # noqa: B905
        losses.append(float(loss))
    return losses
