# mypy: ignore-errors
"""GPUs through CuPy: products per precision, memory, copies. Arguments: seconds, device (`cuda`)."""

import os
import sys

os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cupy
import numpy
from gpu_measures import measure_copies, measure_memory, measure_products
from telling import tell_about, tell_doing, tell_missing


class CupyDevice:
    """What is measured on one device."""

    library = f"cupy {cupy.__version__}"

    def __init__(self, index):
        self.index = index
        self.failures = (RuntimeError, TypeError, ValueError, MemoryError)
        cupy.cuda.Device(index).use()

    def name(self):
        """As the driver calls it."""
        return cupy.cuda.runtime.getDeviceProperties(self.index)["name"].decode()

    def memory_bytes(self):
        """What is free."""
        return cupy.cuda.runtime.memGetInfo()[0]

    def wait(self):
        """Until all that was asked for is done."""
        cupy.cuda.Device(self.index).synchronize()

    def product(self, precision, size):
        """A function that multiplies two square matrices of this size once."""
        os.environ["CUPY_TF32"] = "1" if precision == "tf32" else "0"
        kind = {"fp16": numpy.float16, "fp64": numpy.float64}.get(precision, numpy.float32)
        one, two = (cupy.random.rand(size, size, dtype=numpy.float32).astype(kind) for _ in range(2))
        return lambda: cupy.matmul(one, two)

    def copy(self, count):
        """A function that copies this many bytes within the device."""
        source = cupy.ones(count, dtype=numpy.uint8)
        target = cupy.zeros_like(source)
        return lambda: target.data.copy_from_device_async(source.data, count, cupy.cuda.get_current_stream())

    def transfer(self, count, pinned, to_device):
        """A function that copies this many bytes between main memory and the device."""
        there = cupy.ones(count, dtype=numpy.uint8)
        here = numpy.ones(count, dtype=numpy.uint8)
        if pinned:
            here = numpy.frombuffer(cupy.cuda.alloc_pinned_memory(count), numpy.uint8, count)
        return (lambda: there.set(here)) if to_device else (lambda: there.get(out=here))


def main(seconds):
    """Each device."""
    count = cupy.cuda.runtime.getDeviceCount()
    for index in range(count):
        device = CupyDevice(index)
        tell_about(gpu={"index": index, "name": device.name()})
        tell_doing(f"GPU {index}")
        share = seconds / count
        measure_memory(device, share * 0.15)
        measure_copies(device, share * 0.25)
        measure_products(device, ["fp16", "tf32", "fp32", "fp64"] if index == 0 else ["fp16"], share * 0.6)
    if count > 1:
        for name in ("gpu.peer_copy", "gpu.all_reduce"):
            tell_missing(name, "it is measured through PyTorch, which this environment does not hold")


if __name__ == "__main__":
    try:
        main(float(sys.argv[1]))
    except RuntimeError as error:
        tell_missing("gpu.memory_copy", f"cupy {cupy.__version__}: {error}")
