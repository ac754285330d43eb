# mypy: ignore-errors
"""Keras: trains small models on one backend and one device; holds their gradients against a float64 run on the CPU."""

import contextlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
EPOCHS = 6


def main():
    """Import Keras on the backend that is meant, find the device, run what is wanted."""
    session = Session(sys.argv)
    choose_device(session)
    os.environ["KERAS_BACKEND"] = session.word
    os.environ["JAX_ENABLE_X64"] = "1"  # for the reference; Keras says itself what is float32
    with session.trying("import") as note:
        import keras

        found = keras.backend.backend()
        if found != session.word:
            raise RuntimeError(f"Keras runs on {found} although KERAS_BACKEND is {session.word}")
        session.framework("keras", keras.__version__)
        note.detail(f"keras {keras.__version__} on {found}")
    if note.passed and find_device(session):
        session.run(WORKLOADS, session.word)
    session.end()


def choose_device(session):
    """Show the backend only the device that is meant."""
    seen = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    if session.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if session.device.startswith("cuda"):
        index = int(session.device.partition(":")[2] or 0)
        os.environ["CUDA_VISIBLE_DEVICES"] = seen[index] if index < len(seen) else str(index)


def find_device(session):
    """Whether the device that is meant can be used."""
    backend = session.word
    name = "cpu"
    if session.device != "cpu":
        if backend == "torch":
            import torch

            name = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu"
            torch.backends.cudnn.allow_tf32 = False
        elif backend == "tensorflow":
            import tensorflow as tf

            name = "GPU" if tf.config.list_physical_devices("GPU") else "cpu"
            tf.config.experimental.enable_tensor_float_32_execution(False)
        else:
            import jax

            name = jax.devices()[0].device_kind
            jax.config.update("jax_default_matmul_precision", "highest")
    wanted = session.device.startswith("cuda")
    session.shown = name if not wanted else session.device if name == "cpu" else f"{session.device} ({name})"
    if wanted and name == "cpu":
        with session.trying("device"):
            raise RuntimeError(f"Keras on {backend} sees no GPU")
        return False
    return True


def perceptron(keras, numpy):
    """A multilayer perceptron and its data."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((64,)), layers.Dense(128, activation="relu"), layers.Dense(10)])
    return model, numpy.random.randn(128, 64), numpy.random.randint(0, 10, 128)


def convolutional(keras, numpy):
    """Convolutions and pooling on images shaped like CIFAR-10."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((32, 32, 3)), layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(10),
    ])  # fmt: skip
    return model, numpy.random.randn(32, 32, 32, 3), numpy.random.randint(0, 10, 32)


def recurrent(keras, numpy):
    """An LSTM on sequences."""
    model = keras.Sequential([keras.Input((20, 8)), keras.layers.LSTM(32), keras.layers.Dense(4)])
    return model, numpy.random.randn(32, 20, 8), numpy.random.randint(0, 4, 32)


def transformer(keras, numpy):
    """One block of attention and a perceptron over sequences."""
    layers = keras.layers
    inputs = keras.Input((16, 32))
    normed = layers.LayerNormalization()(inputs)
    hidden = layers.Add()([inputs, layers.MultiHeadAttention(4, 8)(normed, normed)])
    inner = layers.Dense(64, activation="relu")(layers.LayerNormalization()(hidden))
    hidden = layers.Add()([hidden, layers.Dense(32)(inner)])
    outputs = layers.Dense(4)(layers.GlobalAveragePooling1D()(hidden))
    return keras.Model(inputs, outputs), numpy.random.randn(16, 16, 32), numpy.random.randint(0, 4, 16)


def made(make, kind="float32"):
    """A model with its data, the same each time."""
    import keras
    import numpy

    keras.utils.set_random_seed(0)
    numbers = keras.backend.set_floatx, keras.mixed_precision.set_global_policy
    before = keras.mixed_precision.global_policy() if hasattr(keras.mixed_precision, "global_policy") else "float32"
    try:
        if kind == "float64":
            for choose in numbers:
                choose(kind)
        model, inputs, targets = make(keras, numpy)
    finally:
        keras.backend.set_floatx("float32")
        keras.mixed_precision.set_global_policy(before)
    if kind == "float64" and model.get_weights()[0].dtype != kind:
        raise AssertionError(f"the reference is of {model.get_weights()[0].dtype}")
    return model, inputs.astype(kind), targets


def on_cpu(backend):
    """A context in which the backend computes on the CPU."""
    import keras

    if hasattr(keras, "device"):
        return keras.device("cpu" if backend == "torch" else "cpu:0")
    import tensorflow as tf

    return tf.device("/CPU:0")


def slopes(backend, model, inputs, targets):
    """The gradient of each weight, as lists of numbers; each backend has its own way."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = loss(targets, model(inputs))
        found = [one.numpy() for one in tape.gradient(value, model.trainable_weights)]
    elif backend == "torch":
        model.zero_grad()
        loss(targets, model(inputs)).backward()
        found = [one.value.grad.detach().cpu().numpy() for one in model.trainable_weights]
    else:
        import jax
        import numpy

        fixed = [one.value for one in model.non_trainable_variables]
        apply = jax.jit(jax.grad(lambda weights: loss(targets, model.stateless_call(weights, fixed, inputs)[0])))
        found = [numpy.asarray(one) for one in apply([one.value for one in model.trainable_variables])]
    return [one.astype("float64").ravel().tolist() for one in found]


def fitted(model, inputs, targets):
    """Fit with Adam on one batch; the losses."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    return model.fit(inputs, targets, epochs=EPOCHS, batch_size=len(inputs), verbose=0).history["loss"]


def trained(make):
    """A workload that holds a model's gradients against a float64 run on the CPU, and fits it."""

    def run(backend, note):
        model, inputs, targets = made(make)
        with on_cpu(backend):
            exact, doubles, _targets = made(make, "float64")
            exact.set_weights([one.astype("float64") for one in model.get_weights()])
            wanted = slopes(backend, exact, doubles, targets)
        note.gradients(slopes(backend, model, inputs, targets), wanted)
        note.losses(fitted(model, inputs, targets))

    return run


def mixed_precision(backend, note):
    """Fit under the policy mixed_bfloat16."""
    import keras

    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        note.losses(fitted(*made(perceptron)))
    finally:
        keras.mixed_precision.set_global_policy("float32")
    note.detail("mixed_bfloat16")


def save_and_load(backend, note):
    """A model that was saved and loaded predicts the same."""
    import keras

    model, inputs, _targets = made(perceptron)
    major, minor = (int(part) for part in keras.__version__.split(".")[:2])
    ending = ".keras" if (major, minor) >= (2, 13) else ".h5"
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(PermissionError):
        path = os.path.join(folder, "model" + ending)
        model.save(path)
        loaded = keras.models.load_model(path)
    difference = abs(loaded.predict(inputs, verbose=0) - model.predict(inputs, verbose=0)).max()
    if not difference < 1e-5:
        raise AssertionError("the loaded model predicts something else than the saved one")
    note.detail(ending)


WORKLOADS = {
    "mlp": trained(perceptron),
    "conv": trained(convolutional),
    "rnn": trained(recurrent),
    "transformer": trained(transformer),
    "mixed-precision": mixed_precision,
    "save-load": save_and_load,
}

if __name__ == "__main__":
    main()
