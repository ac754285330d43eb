# mypy: ignore-errors
"""GPUs through PyTorch (CUDA and ROCm): products per precision, memory, copies, peers, all-reduce. Arguments: seconds, device.

The device is `cuda`; `cpu` runs the same on the processor, for those who look after this program.
"""

import os
import sys

os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import torch
from gpu_measures import measure_copies, measure_memory, measure_products
from gpu_peers import measure_all_reduce, measure_peers
from telling import tell_about, tell_doing, tell_missing

FAILURES = (RuntimeError, TypeError, AttributeError, NotImplementedError, ValueError)
"""What PyTorch raises for what a card, a build or a version does not have; CUDA's errors are RuntimeErrors."""


class TorchDevice:
    """What is measured on one device, in the words that all libraries share."""

    library = f"torch {torch.__version__}"

    def __init__(self, kind, index):
        self.kind, self.index = kind, index
        self.device = torch.device(kind, index) if kind != "cpu" else torch.device("cpu")
        self.failures = FAILURES

    def name(self):
        """As the driver calls it."""
        return torch.cuda.get_device_name(self.index) if self.kind == "cuda" else "processor"

    def memory_bytes(self):
        """What is free."""
        return torch.cuda.mem_get_info(self.index)[0] if self.kind == "cuda" else 1 << 28

    def wait(self):
        """Until all that was asked for is done."""
        if self.kind == "cuda":
            torch.cuda.synchronize(self.index)

    def precisions(self):
        """Names of precisions, in the order in which they are measured."""
        if self.kind == "cpu":
            return ["bf16", "fp32"]  # processors take minutes for a product in fp16
        capability = torch.cuda.get_device_capability(self.index)
        rocm = getattr(torch.version, "hip", None)
        names = ["bf16", "fp16", "fp32", "fp64"]
        if rocm or capability >= (8, 0):
            names.insert(2, "tf32")
        return [*names, "fp8"] if rocm or capability >= (8, 9) else names

    def product(self, precision, size):
        """A function that multiplies two square matrices of this size once."""
        if precision == "fp8":
            return self._fp8_product(size)
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        kinds = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp64": torch.float64}
        kind = kinds.get(precision, torch.float32)
        one = torch.randn(size, size, device=self.device, dtype=torch.float32).to(kind)
        two = torch.randn(size, size, device=self.device, dtype=torch.float32).to(kind)
        out = torch.empty(size, size, device=self.device, dtype=kind)
        return lambda: torch.mm(one, two, out=out)

    def _fp8_product(self, size):
        """Rows of the first by columns of the second, scaled by one, with bf16 as the result."""
        kind = torch.float8_e4m3fn
        if getattr(torch.version, "hip", None) and hasattr(torch, "float8_e4m3fnuz"):
            arch = torch.cuda.get_device_properties(self.index).gcnArchName
            kind = torch.float8_e4m3fnuz if arch.startswith("gfx94") else kind
        one = torch.randn(size, size, device=self.device).to(kind)
        two = torch.randn(size, size, device=self.device).to(kind).t()
        scale = torch.ones((), device=self.device)
        return lambda: torch._scaled_mm(one, two, scale_a=scale, scale_b=scale, out_dtype=torch.bfloat16, use_fast_accum=True)

    def copy(self, count):
        """A function that copies this many bytes within the device."""
        source = torch.ones(count, dtype=torch.uint8, device=self.device)
        target = torch.zeros_like(source)
        return lambda: target.copy_(source)

    def transfer(self, count, pinned, to_device):
        """A function that copies this many bytes between main memory and the device."""
        there = torch.ones(count, dtype=torch.uint8, device=self.device)
        here = torch.ones(count, dtype=torch.uint8, pin_memory=pinned and self.kind == "cuda")
        target, source = (there, here) if to_device else (here, there)
        return lambda: target.copy_(source, non_blocking=pinned)


def place_of(index):
    """What tells the device apart from others, beside its number."""
    properties = torch.cuda.get_device_properties(index)
    told = {"uuid": str(getattr(properties, "uuid", "")) or None}
    parts = [getattr(properties, name, None) for name in ("pci_domain_id", "pci_bus_id", "pci_device_id")]
    if all(isinstance(part, int) for part in parts):
        told["pci_address"] = "{:04x}:{:02x}:{:02x}.0".format(*parts)
    return told


def main(seconds, kind):
    """Each device: the first one in full, the others as far as shows a slow one."""
    count = torch.cuda.device_count() if kind == "cuda" else 1
    if count == 0 or (kind == "cuda" and not torch.cuda.is_available()):
        tell_missing("gpu.memory_copy", f"torch {torch.__version__} sees no GPU")
        return
    between = seconds * 0.25 if count > 1 else 0.0
    first = (seconds - between) * (0.6 if count > 1 else 1.0)
    for index in range(count):
        device = TorchDevice(kind, index)
        if kind == "cuda":
            tell_about(gpu={"index": index, "name": device.name(), **place_of(index)})
        share = first if index == 0 else (seconds - between - first) / (count - 1)
        tell_doing(f"GPU {index}")
        names = device.precisions() if index == 0 else device.precisions()[:1]
        measure_memory(device, share * 0.15)
        measure_copies(device, share * 0.25)
        measure_products(device, names, share * 0.6)
    if count > 1:
        tell_doing("between GPUs")
        measure_peers(count, between * 0.6)
        measure_all_reduce(count, between * 0.4)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
