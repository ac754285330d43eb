"""GPUs: from a name or PCI id to compute capability, architecture, class and memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.gpu_names import brand_class, gpu_key, is_laptop, is_slice, memory_in_name
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import ComputeCapability
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

BYTES_PER_GB = 2**30
"""The gigabytes in the name of a board are binary ones, less what driver and error correction keep for themselves."""
_HBM = frozenset({(6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (10, 3)})
"""Compute capabilities of the chips whose memory is HBM: error correction takes nothing of it."""
_REPORTED = {"hbm": 0.98, "consumer": 0.97, "other": 0.92}
"""The least share that drivers report of the size in the name: of HBM 40536 MiB (A100 40 GB), without error correction
11019 (RTX 2080 Ti, 11 GB), with error correction in GDDR, which takes a sixteenth, 15109 (Tesla T4, 16 GB). From outputs of
nvidia-smi in public issues and documents."""


@record
class GpuModel:
    """A GPU as the tables know it."""

    name: str
    vendor: str
    """`nvidia` or `amd`."""
    compute_capability: ComputeCapability | None
    gfx_target: str | None
    gpu_class: str | None
    """`datacenter`, `workstation`, `consumer`, `embedded`; None where it is not known."""
    memory_gb: tuple[int, ...]
    """Sizes sold under this name, smallest first; empty where none is known. Indicative."""
    certain: bool
    source: str

    def memory_bytes(self, name: str) -> int | None:
        """A lower bound of its memory: the size that this name states, else the smallest sold; None where not known.

        A laptop's GPU and a MIG slice have less than the board of that name.
        """
        stated = memory_in_name(name)
        if is_laptop(name) or is_slice(name):
            size = stated
        else:
            size = stated if stated in self.memory_gb else min(self.memory_gb, default=stated)
        return int(size * BYTES_PER_GB * self._reported_share(name)) if size is not None else None

    def _reported_share(self, name: str) -> float:
        if is_slice(name):
            return _REPORTED["other"]
        is_hbm = self.compute_capability in _HBM or (self.vendor == "amd" and self.gpu_class == "datacenter")
        return _REPORTED["hbm" if is_hbm else "consumer" if self.gpu_class == "consumer" else "other"]


@record
class Architecture:
    """What one compute capability needs of drivers and toolkits."""

    compute_capability: ComputeCapability
    name: str
    first_branch: int | None
    """The driver branch that knows it for certain; None where every driver that is still in use does, and for Jetson."""
    possible_branch: int | None
    """Branches from here up to `first_branch` may know it; before, none does."""
    last_branch: int | None
    """The last driver branch that supports it; None where the newest still does."""
    first_cuda: str | None
    last_cuda: str | None
    """The last toolkit that compiles for it; None where the newest still does."""
    modules: str | None
    """Kernel modules that serve it: `open`, `proprietary`, `either`; None for Jetson."""
    integrated: bool
    """Jetson: the driver comes with the system image."""
    source: str

    @property
    def needs_open_module(self) -> bool:
        """Whether only the open kernel module serves it."""
        return self.modules == "open"


def find_gpus(knowledge: Knowledge, name: str) -> tuple[GpuModel, ...]:
    """The GPUs that a name may mean: none if it is unknown, several if it is ambiguous.

    Several with one compute capability mean variants of a board. The tables' own names come first, then names of PCI ids.
    """
    key = gpu_key(name)
    if not key:
        return ()
    index = knowledge.once("gpus.names", lambda: _names_index(knowledge))
    for spelling in (key, f"rtx {key}", f"gtx {key}", key.removeprefix("quadro "), f"quadro {key}", f"jetson {key}"):
        if spelling in index:
            return index[spelling]
    variants = tuple(model for known, models in index.items() if known.startswith(f"{key} ") for model in models)
    if variants:
        return variants
    return knowledge.once("gpus.pci_names", lambda: _pci_names_index(knowledge)).get(key, ())


def find_gpu_by_pci(knowledge: Knowledge, pci_id: str) -> GpuModel | Unknown:
    """The GPU of a PCI id such as `10de:2330`."""
    vendor, _, device = pci_id.lower().partition(":")
    if vendor != "10de":
        return Unknown(f"the knowledge base has no PCI ids of vendor {vendor}")
    index = knowledge.once("gpus.pci", lambda: dict(_pci_models(knowledge)))
    return index.get(device) or Unknown(f"PCI id {pci_id} is not in the knowledge base")


def architecture(knowledge: Knowledge, capability: ComputeCapability) -> Architecture | Unknown:
    """The architecture of a compute capability."""
    index = knowledge.once("gpus.architectures", lambda: _architectures(knowledge))
    found = index.get(capability)
    return found or Unknown(f"compute capability {capability[0]}.{capability[1]} is not in the knowledge base")


def is_unknown_to_compiler(knowledge: Knowledge, framework: str, cuda: object, capability: object) -> bool:
    """Whether a framework compiles kernels with a CUDA that is older than the GPU, so that PTX inside does not help.

    TensorFlow makes PTX at run time with the CUDA of its build; for GPUs that this does not know it is refused
    (CUDA_ERROR_INVALID_PTX): https://github.com/tensorflow/tensorflow/issues/89272, /90291, /99592, /101746.
    """
    if framework != "tensorflow" or not isinstance(cuda, Version) or not isinstance(capability, tuple):
        return False
    found = architecture(knowledge, capability)
    return isinstance(found, Architecture) and found.first_cuda is not None and Version(found.first_cuda) > cuda


def module_flavours(knowledge: Knowledge, arch: Architecture, name: str, branch: int | None) -> str | None:
    """Which kernel modules serve a GPU on a driver branch: `open`, `proprietary`, `either`; None for Jetson.

    Grace Hopper needs the open ones although other Hopper GPUs take either; from R615 on there are no others.
    """
    table = knowledge.tables["gpus"]["kernel_modules"]
    if arch.modules == "either":
        only_open = gpu_key(name) in table["open_only_names"] or (branch is not None and branch >= table["open_only_from"])
        return "open" if only_open else "either"
    return arch.modules


def parse_capability(text: str) -> ComputeCapability:
    """`8.6` as (8, 6).

    Raises:
        ValueError: it is not two numbers.
    """
    major, minor = text.split(".")
    return int(major), int(minor)


def _architectures(knowledge: Knowledge) -> dict[ComputeCapability, Architecture]:
    table = knowledge.tables["gpus"]["architectures"]
    return {parse_capability(row["cc"]): _architecture(row, table["source"]) for row in table["rows"]}


def _architecture(row: dict[str, Any], source: str) -> Architecture:
    return Architecture(
        compute_capability=parse_capability(row["cc"]),
        name=row["name"],
        first_branch=row.get("first_branch"),
        possible_branch=row.get("possible_branch", row.get("first_branch")),
        last_branch=row.get("last_branch"),
        first_cuda=row.get("first_cuda"),
        last_cuda=row.get("last_cuda"),
        modules=row.get("modules"),
        integrated=bool(row.get("integrated")),
        source=source,
    )


def _names_index(knowledge: Knowledge) -> dict[str, tuple[GpuModel, ...]]:
    """Key to models; an ambiguous name is in the index with all that it may mean, and nothing else."""
    index: dict[str, tuple[GpuModel, ...]] = {}
    for model in (*_nvidia_models(knowledge), *_amd_models(knowledge)):
        index[gpu_key(model.name)] = (*index.get(gpu_key(model.name), ()), model)
    ambiguous = knowledge.tables["gpus"]["ambiguous"]
    for row in ambiguous["rows"]:
        for name in row["names"]:
            index[gpu_key(name)] = tuple(
                GpuModel(
                    name, "nvidia", parse_capability(cc), None, row["class"], (), not row.get("unverified"), ambiguous["source"]
                )
                for cc in row["cc"]
            )
    return index


def _nvidia_models(knowledge: Knowledge) -> Iterator[GpuModel]:
    for row in knowledge.tables["gpus"]["names"]["rows"]:
        for name, memory in row["names"].items():
            sizes = () if memory is None else tuple(memory) if isinstance(memory, list) else (memory,)
            yield GpuModel(
                name, "nvidia", parse_capability(row["cc"]), None, row["class"], sizes, not row.get("unverified"), row["source"]
            )


def _amd_models(knowledge: Knowledge) -> Iterator[GpuModel]:
    table = knowledge.tables["amd"]["names"]
    for row in table["rows"]:
        for name in row["names"]:
            source = row.get("source", table["source"])
            yield GpuModel(f"AMD {name}", "amd", None, row["gfx"], row["class"], (), not row.get("unverified"), source)


def _pci_models(knowledge: Knowledge) -> Iterator[tuple[str, GpuModel]]:
    table = knowledge.tables["gpus_pci"]
    index = knowledge.once("gpus.names", lambda: _names_index(knowledge))
    for chip in table["chips"]:
        capability, certain = parse_capability(chip["cc"]), not chip.get("unverified")
        for device, name in chip["ids"].items():
            shown = name or chip["chip"]
            named = next((model for model in index.get(gpu_key(shown), ()) if model.compute_capability == capability), None)
            gpu_class, sizes = (named.gpu_class, named.memory_gb) if named else (brand_class(shown), ())
            yield device, GpuModel(shown, "nvidia", capability, None, gpu_class, sizes, certain, table["source"])


def _pci_names_index(knowledge: Knowledge) -> dict[str, tuple[GpuModel, ...]]:
    """Names of PCI ids to models, one for each compute capability that carries the name."""
    index: dict[str, dict[ComputeCapability | None, GpuModel]] = {}
    for _, model in _pci_models(knowledge):
        index.setdefault(gpu_key(model.name), {}).setdefault(model.compute_capability, model)
    return {key: tuple(models.values()) for key, models in index.items()}
