"""Libraries that frameworks open by their path before anything needs them, as their own Python files state it."""

from __future__ import annotations

import re

from envdoctor.model.record import record

# Texts, not compiled patterns: only environments with CUDA need them.
_TORCH_CALL = r'(?m)^\s+_preload_cuda_(?:deps|lib)\(\s*"(\w+)",\s*"([\w.*\[\]-]+)"\s*\)'
_TORCH_TUPLE = r'(?m)^\s+\("(\w+)", "(lib[\w.*\[\]-]+)"\),'
_TORCH_ENTRY = r'(?m)^\s+"(\w+)": "(lib[\w.*\[\]-]+)",'
_JAX_CALL = r'(?m)^\s+_load\(\s*"(\w+)",\s*\[([^\]]*)\]\)'


@record
class Preload:
    """A library to open: from `nvidia/FOLDER/lib`, by the beginning of its name."""

    folder: str
    start: str
    """`libnvJitLink.so.`, or a whole name."""

    def fits(self, name: str) -> bool:
        """Whether a file name is one of those: patterns end in a number."""
        return name.startswith(self.start) and name[-1:].isdigit() if self.start.endswith(".") else name == self.start


@record
class TorchPreloads:
    """What `torch/__init__.py` opens."""

    always: tuple[Preload, ...]
    """After libtorch_global_deps, where that one brought libcudart."""
    fallback: tuple[Preload, ...]
    """Where libtorch_global_deps could not be loaded."""


def parse_torch_preloads(text: str) -> TorchPreloads:
    """The libraries in `torch/__init__.py`.

    Until 2.5 all are a way out (a dictionary in `_load_global_deps`); then three are opened always; newer releases open
    a whole list, always (`_preload_cuda_deps`).
    """
    start = text.find("\ndef _preload_cuda")
    end = text.find("\nif (USE_RTLD_GLOBAL", start)
    part = text[start : end if end > start else None] if start >= 0 else ""
    if ' ("' in part and (pairs := _preloads(re.findall(_TORCH_TUPLE, part))):
        return TorchPreloads(pairs, pairs)
    entries = re.findall(_TORCH_ENTRY, part) if '": "lib' in part else []
    return TorchPreloads(_preloads(re.findall(_TORCH_CALL, part)), _preloads(entries))


def parse_jax_preloads(text: str) -> tuple[Preload, ...]:
    """The libraries that `jax_plugins/xla_cudaXX/__init__.py` opens, in order."""
    calls = re.findall(_JAX_CALL, text)
    return tuple(Preload(folder, name) for folder, names in calls for name in re.findall(r'"([^"]+)"', names))


def _preloads(pairs: list[tuple[str, str]]) -> tuple[Preload, ...]:
    return tuple(Preload(folder, pattern.partition("*")[0]) for folder, pattern in pairs)
