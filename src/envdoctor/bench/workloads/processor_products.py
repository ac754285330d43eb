# mypy: ignore-errors
"""Processor: matrix products by the environment's own PyTorch and NumPy. Argument: seconds.

Matrices grow until a product takes long enough to be timed well; the best of the repeats is the figure, in 10^9 operations
a second, a product of n by n matrices being 2 n^3 operations.
"""

import glob
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from telling import repeat, tell_about, tell_doing, tell_figure, tell_missing, timed, usable_processors

SMALLEST, LARGEST = 256, 8192
LONG_ENOUGH_S = 0.08


def measure(name, make, seconds, library):
    """Find a size, repeat, tell. `make` gives a function that multiplies matrices of a size."""
    size = SMALLEST
    while True:
        product = make(size)
        product()  # threads start, and pages are touched
        once = min(timed(product), timed(product))
        if once >= LONG_ENOUGH_S or size >= LARGEST or once * 8 * 4 > seconds:
            break
        size *= 2
    operations = 2.0 * size**3
    taken = repeat(product, seconds * 0.6, least=3, most=40)
    values = [operations / one / 1e9 for one in taken]
    tell_figure(name, max(values), values, f"{library}, {size} × {size}")


def with_torch(seconds):
    """fp32, fp64 and bf16."""
    import torch

    library = f"torch {torch.__version__}, {torch.get_num_threads()} threads"
    for name in ("fp32", "fp64", "bf16"):
        kind = {"fp32": torch.float32, "fp64": torch.float64, "bf16": torch.bfloat16}[name]

        def make(size, kind=kind):
            one, two = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
            out = torch.empty(size, size, dtype=kind)
            return lambda: torch.mm(one, two, out=out)

        measure(f"cpu.matmul_{name}", make, seconds / 3, library)


def with_numpy(seconds, prefix):
    """fp32 and fp64."""
    import numpy

    library = f"numpy {numpy.__version__}, {usable_processors()} processors"
    draw = numpy.random.RandomState(0)
    for name in ("fp32", "fp64"):
        kind = {"fp32": numpy.float32, "fp64": numpy.float64}[name]

        def make(size, kind=kind):
            one, two = draw.rand(size, size).astype(kind), draw.rand(size, size).astype(kind)
            out = numpy.empty((size, size), kind)
            return lambda: numpy.matmul(one, two, out=out)

        measure(f"cpu.{prefix}matmul_{name}", make, seconds / 2, library)


def frequencies():
    """The highest that the processor states, and the highest that it runs at now, in MHz; what is not told is left out."""
    told = {}
    highest = []
    for path in glob.glob("/sys/devices/system/cpu/cpu[0-9]*/cpufreq/cpuinfo_max_freq"):
        try:
            with open(path) as file:
                highest.append(int(file.read()) / 1000)
        except (OSError, ValueError):
            continue
    if highest:
        told["max_mhz"] = max(highest)
    try:
        with open("/proc/cpuinfo") as file:
            now = [float(line.split(":")[1]) for line in file if line.startswith("cpu MHz")]
    except (OSError, ValueError, IndexError):
        now = []
    if now:
        told["mhz"] = max(now)
    return told


def main(seconds):
    """PyTorch, and NumPy beside it: it has another BLAS."""
    tell_doing("matrix products")
    failures = []
    has_torch = True
    try:
        with_torch(seconds * 0.6)
    except (ImportError, OSError, RuntimeError) as error:
        has_torch = False
        failures.append(f"torch: {error}")
    try:
        with_numpy(seconds * 0.4, "numpy_" if has_torch else "")
    except (ImportError, OSError) as error:
        if not has_torch:
            failures.append(f"numpy: {error}")
            for name in ("cpu.matmul_fp32", "cpu.matmul_fp64"):
                tell_missing(name, f"it needs NumPy or PyTorch in the environment: {'; '.join(failures)}")
    tell_about(processors=usable_processors(), **frequencies())


if __name__ == "__main__":
    main(float(sys.argv[1]))
