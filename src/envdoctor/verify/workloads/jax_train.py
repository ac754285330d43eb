# mypy: ignore-errors
"""JAX: trains small networks on one device, and tries XLA, mixed precision, all-reduce, saving and loading."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from workload_session import Session, SkippedWorkload, loaded_libraries

REPLICAS = 2


def main():
    """Import JAX, find the device, run what is wanted."""
    session = Session(sys.argv)
    if session.device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"
    replicas = f"--xla_force_host_platform_device_count={REPLICAS}"
    os.environ["XLA_FLAGS"] = " ".join(filter(None, [os.environ.get("XLA_FLAGS"), replicas]))
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    with session.trying("import") as note:
        import jax
        import jaxlib

        session.framework("jax", jax.__version__, jaxlib=jaxlib.__version__)
        note.detail(f"jax {jax.__version__}, jaxlib {jaxlib.__version__}")
    if note.passed:
        device = find_device(session, jax)
        if device is not None:
            run_on(session, jax, device)
    session.end()


def run_on(session, jax, device):
    """Run what is wanted on a device."""
    with jax.default_device(device):
        import jax_models as models

        networks = (("mlp", "perceptron"), ("conv", "convolutional"), ("rnn", "recurrent"), ("transformer", "transformer"))
        table = {name: trained(getattr(models, function)) for name, function in networks}
        session.run(dict(table, **WORKLOADS), jax, models, device)


def find_device(session, jax):
    """The device; None where the one that is meant cannot be used.

    `auto` takes JAX's own first device. The word `gpu` says that a GPU or its plugin is there: then it must be used.
    """
    index = int(session.device.partition(":")[2] or 0)
    session.shown = "cuda:0" if session.device == "auto" and session.word == "gpu" else session.device
    with session.trying("device") as note:
        if session.device == "cpu":
            device = jax.devices("cpu")[0]
        elif session.device == "auto" and session.word != "gpu":
            device = jax.devices()[0]
        else:
            found = jax.devices("gpu")
            if index >= len(found):
                raise SkippedWorkload(f"JAX sees {len(found)} GPU(s)")
            device = found[index]
        if int((jax.device_put(1, device) + 1).block_until_ready()) != 2:
            raise AssertionError("1 + 1 is not 2")
        note.detail(device.device_kind)
    if not note.passed:
        session.shown = "cpu"
        return jax.devices("cpu")[0] if session.device == "auto" else None
    session.shown = "cpu" if device.platform == "cpu" else f"{device.platform}:{device.id} ({device.device_kind})"
    if device.platform != "cpu" and device.memory_stats():
        session.memory = lambda: int(device.memory_stats()["peak_bytes_in_use"])
    return device


def trained(make):
    """A workload that holds a network's gradients against a float64 run on the CPU, and trains it."""

    def run(jax, models, device, note):
        numpy = sys.modules["numpy"]
        weights, inputs, targets, apply = make()
        with jax.default_matmul_precision("highest"):
            step = jax.jit(jax.value_and_grad(lambda weights: models.loss_of(apply, weights, inputs, targets)))
            _loss, found = step(weights)
            found = [numpy.asarray(one, "float64").ravel().tolist() for one in found]
            note.gradients(found, exact_gradients(jax, models, numpy, weights, inputs, targets, apply))
        note.losses(models.train(step, weights))

    return run


def exact_gradients(jax, models, numpy, weights, inputs, targets, apply):
    """The gradients by a float64 run on the CPU."""
    kinds = [numpy.asarray(one) for one in (*weights, inputs, targets)]
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        with jax.default_device(jax.devices("cpu")[0]):
            *doubles, inputs, targets = [
                jax.numpy.asarray(one.astype("float64") if one.dtype.kind == "f" else one) for one in kinds
            ]
            slopes = jax.jit(jax.grad(lambda weights: models.loss_of(apply, weights, inputs, targets)))(doubles)
            if slopes[0].dtype != "float64":
                raise AssertionError(f"the reference was computed in {slopes[0].dtype}")
            return [numpy.asarray(one).ravel().tolist() for one in slopes]
    finally:
        jax.config.update("jax_enable_x64", before)


def mixed_precision(jax, models, device, note):
    """Forward and backward in bfloat16; the weights stay float32."""
    weights, inputs, targets, apply = models.perceptron()
    small = inputs.astype("bfloat16")

    def half(weights, inputs):
        return apply([weight.astype("bfloat16") for weight in weights], inputs).astype("float32")

    note.losses(models.train(jax.jit(jax.value_and_grad(lambda one: models.loss_of(half, one, small, targets))), weights))
    note.detail("bfloat16")


def xla(jax, models, device, note):
    """What XLA compiled computes what single operations compute."""
    weights, inputs, targets, apply = models.convolutional()

    def loss(weights):
        return models.loss_of(apply, weights, inputs, targets)

    with jax.default_matmul_precision("highest"):
        with jax.disable_jit():
            plain = float(loss(weights))
        fast = float(jax.jit(loss)(weights))
    if abs(plain - fast) > 1e-3 * abs(plain):
        raise AssertionError(f"compiled by XLA, the loss is {fast:.6g} instead of {plain:.6g}")
    note.detail("jit as without")


def gpu_libraries(jax, models, device, note):
    """A convolution on the GPU, as the CPU computes it, and the libraries that are in the process then."""
    if device.platform not in ("gpu", "cuda", "rocm"):
        raise SkippedWorkload(f"cuDNN and cuBLAS serve NVIDIA GPUs; this is the {device.platform}")
    image, kernel = models.normal((4, 32, 32, 3), 1), models.normal((3, 3, 3, 8), 2)
    with jax.default_matmul_precision("highest"):
        found = jax.jit(models.convolve)(image, kernel)
    cpu = jax.devices("cpu")[0]
    wanted = jax.jit(models.convolve)(jax.device_put(image, cpu), jax.device_put(kernel, cpu))
    error = float(abs(jax.device_put(found, cpu) - wanted).max() / abs(wanted).max())
    if not error < 1e-3:
        raise AssertionError(f"a convolution on the GPU is off by {error:.3g}")
    note.detail(" ".join(loaded_libraries("libcudnn.so", "libcublas", "libMIOpen", "librocblas")))


def all_reduce(jax, models, device, note):
    """A sum over all devices of the platform."""
    devices = jax.devices(device.platform)
    if not hasattr(jax, "pmap"):
        raise SkippedWorkload("this jax has no jax.pmap")
    total = jax.pmap(lambda one: jax.lax.psum(one, "all"), axis_name="all", devices=devices)
    found = total(jax.numpy.ones((len(devices), 1000)))
    if float(found[0][0]) != len(devices):
        raise AssertionError(f"the sum over {len(devices)} devices is {float(found[0][0])}")
    note.detail(f"over {len(devices)} {device.platform} device(s)")


def save_and_load(jax, models, device, note):
    """Weights that were saved and loaded compute the same."""
    numpy = sys.modules["numpy"]
    weights, inputs, _targets, apply = models.perceptron()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.npz")
        numpy.savez(path, *[numpy.asarray(one) for one in weights])
        with numpy.load(path) as kept:
            loaded = [jax.numpy.asarray(kept[name]) for name in kept.files]
    if not bool((apply(loaded, inputs) == apply(weights, inputs)).all()):
        raise AssertionError("the loaded weights compute something else than the saved ones")
    note.detail("npz")


WORKLOADS = {
    "mixed-precision": mixed_precision,
    "gpu-libraries": gpu_libraries,
    "xla": xla,
    "all-reduce": all_reduce,
    "save-load": save_and_load,
}

if __name__ == "__main__":
    main()
