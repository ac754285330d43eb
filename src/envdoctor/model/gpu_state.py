"""The state that a GPU reports of itself: errors in its memory, repairs, instances, links."""

from __future__ import annotations

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

NOT_ASKED = Unknown("not asked")

Count = int | Unknown | None
"""A counter; None where this GPU does not have it."""


@record
class EccErrors:
    """Errors that ECC found: since the driver was loaded (volatile), or in the card's life (aggregate)."""

    corrected: Count = None
    uncorrected: Count = None
    """In all memories together, as far as the source states them."""
    sram_corrected: Count = None
    """In caches, shared memory and registers; drivers before the 450s state them one by one, and here they are added up."""
    sram_uncorrected: Count = None
    dram_corrected: Count = None
    """In the device memory."""
    dram_uncorrected: Count = None


@record
class RowRemapping:
    """Rows of device memory that spare rows replace (Ampere and later)."""

    correctable: Count
    """Rows replaced because of corrected errors."""
    uncorrectable: Count
    """Rows replaced because of uncorrected errors."""
    pending: bool | Unknown | None
    """Whether rows are replaced only after the next reset."""
    failed: bool | Unknown | None
    """Whether a row could not be replaced: no spare row is left."""


@record
class RetiredPages:
    """Pages of device memory that are not used any more (before Ampere)."""

    single_bit: Count
    """Because of repeated corrected errors."""
    double_bit: Count
    """Because of uncorrected errors."""
    pending: bool | Unknown | None
    """Whether pages are retired only when the driver is loaded again."""


@record
class MigInstance:
    """A part of a GPU in MIG mode: a GPU instance, with a compute instance in it or without one."""

    gpu_instance: int | Unknown
    """Its id among the GPU's; some short forms of nvidia-smi do not tell it."""
    compute_instance: int | Unknown | None
    """Its id in the GPU instance; None for a GPU instance that holds none, which no program can use."""
    profile: str | Unknown | None = NOT_ASKED
    """`1g.10gb`."""
    memory_total_bytes: int | Unknown | None = NOT_ASKED
    memory_used_bytes: int | Unknown | None = NOT_ASKED
    uuid: str | Unknown | None = NOT_ASKED
    """`MIG-…`, what CUDA_VISIBLE_DEVICES takes."""


@record
class NvLink:
    """One NVLink of a GPU."""

    index: int
    is_active: bool | Unknown
    version: int | Unknown | None = NOT_ASKED
    speed_mb_per_s: int | Unknown | None = NOT_ASKED
    """In each direction."""
    remote_kind: str | Unknown | None = NOT_ASKED
    """`gpu`, `switch`, `cpu`."""
    remote_address: str | Unknown | None = NOT_ASKED
    """PCI address of what it leads to."""
    replays: Count = NOT_ASKED
    """Packets that were sent again."""
    recoveries: Count = NOT_ASKED
    """Times that the link was lost and trained again."""
    crc_errors: Count = NOT_ASKED
    """Flits with a wrong checksum, which are sent again."""


@record
class GpuPeer:
    """How a GPU reaches another one."""

    index: int
    """The other GPU's."""
    path: str | Unknown | None = NOT_ASKED
    """Over PCI Express, as `nvidia-smi topo` names it: `PIX`, `PXB`, `PHB`, `NODE`, `SYS`."""
    nvlinks: int | Unknown | None = NOT_ASKED
    """NVLinks that lead to it, through switches too."""
    peer_access: str | Unknown | None = NOT_ASKED
    """`ok`, or NVML's word for why not: `chipset not supported`, `gpu not supported`, `disabled by regkey`, ..."""
