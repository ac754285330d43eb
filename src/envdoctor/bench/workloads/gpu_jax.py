# mypy: ignore-errors
"""GPUs through JAX: products per precision, memory, copies. Arguments: seconds, device (`cuda`, or `cpu` to try it)."""

import os
import sys

os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import jax
import jax.numpy as jnp
import numpy
from gpu_measures import measure_copies, measure_memory, measure_products
from telling import tell_about, tell_doing, tell_missing

PAGEABLE_ONLY = "JAX copies from memory that is not pinned only"


class JaxDevice:
    """What is measured on one device."""

    library = f"jax {jax.__version__}"

    def __init__(self, device, index):
        self.device, self.index, self.last = device, index, None
        self.failures = (RuntimeError, TypeError, ValueError)

    def memory_bytes(self):
        """What is free; a gigabyte where the backend does not tell."""
        stats = getattr(self.device, "memory_stats", lambda: None)() or {}
        return stats.get("bytes_limit", 1 << 30) - stats.get("bytes_in_use", 0)

    def wait(self):
        """Until the last that was asked for is done; the device does one after the other."""
        if self.last is not None:
            jax.block_until_ready(self.last)

    def _keep(self, work):
        def once():
            self.last = work()

        return once

    def product(self, precision, size):
        """A function that multiplies two square matrices of this size once."""
        kind = {"bf16": jnp.bfloat16, "fp16": jnp.float16}.get(precision, jnp.float32)
        how = {"tf32": "tensorfloat32", "fp32": "highest"}.get(precision)
        keys = jax.random.split(jax.random.PRNGKey(0))
        one, two = (jax.device_put(jax.random.normal(key, (size, size), jnp.float32).astype(kind), self.device) for key in keys)
        multiply = jax.jit(lambda a, b: jnp.matmul(a, b, precision=how))
        return self._keep(lambda: multiply(one, two))

    def copy(self, count):
        """A function that writes what it read, one more than it was, so that it is not left out."""
        source = jax.device_put(jnp.ones(count // 4, jnp.float32), self.device)
        add = jax.jit(lambda a: a + 1.0)
        return self._keep(lambda: add(source))

    def transfer(self, count, pinned, to_device):
        """A function that copies this many bytes between main memory and the device."""
        if pinned:
            raise RuntimeError(PAGEABLE_ONLY)
        here = numpy.ones(count, numpy.uint8)
        if to_device:
            return self._keep(lambda: jax.device_put(here, self.device))
        made = jax.jit(lambda a: a + 1)
        there = jax.device_put(here, self.device)
        return lambda: numpy.asarray(made(there))  # a new array: the host's copy of an old one is kept


def main(seconds, kind):
    """Each device."""
    devices = jax.devices("cpu") if kind == "cpu" else [one for one in jax.devices() if one.platform != "cpu"]
    if not devices:
        tell_missing("gpu.memory_copy", f"jax {jax.__version__} sees no GPU")
    for index, one in enumerate(devices):
        device = JaxDevice(one, index)
        tell_about(gpu={"index": index, "name": getattr(one, "device_kind", "")})
        tell_doing(f"GPU {index}")
        share = seconds / len(devices)
        measure_memory(device, share * 0.15)
        measure_copies(device, share * 0.25)
        measure_products(device, ["bf16", "fp16", "tf32", "fp32"] if index == 0 else ["bf16"], share * 0.6)
    if len(devices) > 1:
        for name in ("gpu.peer_copy", "gpu.all_reduce"):
            tell_missing(name, "it is measured through PyTorch, which this environment does not hold")


if __name__ == "__main__":
    try:
        main(float(sys.argv[1]), sys.argv[2])
    except RuntimeError as error:
        tell_missing("gpu.memory_copy", f"jax {jax.__version__}: {error}")
