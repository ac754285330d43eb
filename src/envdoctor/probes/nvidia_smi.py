"""Parses what nvidia-smi prints: the table, `-L`, `-q`, `-q -x`, `--query-gpu`, and its error lines, in old and new wordings.

The metrics of dcgm-exporter are read with them.
"""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import DriverVersion, Gpu, NvmlFailure
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.dcgm import parse_dcgm
from envdoctor.probes.smi_csv import parse_csv, parse_csv_driver
from envdoctor.probes.smi_fields import gpu_from_node, is_lost, word
from envdoctor.probes.smi_table import parse_gpu_rows, parse_listed
from envdoctor.probes.smi_tree import Node, UnreadableSmi, parse_indented, parse_xml

__all__ = ["SmiReport", "UnreadableSmi", "parse_smi_text", "parse_smi_xml"]

_HEADER_DRIVER = re.compile(r"\b(?:KMD|Driver) Version:\s*(?!\d+\.\d+\.\d+\.\d)(\S+)")
"""Four numbers are of Windows, which counts the drivers of all makers so (DxDiag)."""
_HEADER_CUDA = re.compile(r"\bCUDA (?:UMD )?Version:\s*(\S+)")
_LIBRARY = re.compile(r"NVML library version:\s*(\d+(?:\.\d+)+)")

# NVIDIA's own words, as nvidia-smi prints them (nvmlErrorString of NVML's reference, and nvidia-smi's own lines).
_FAILURES = (
    (r"Driver/library version mismatch", NvmlFailure.VERSION_MISMATCH),
    (r"couldn't find libnvidia-ml\.so|NVML Shared Library Not Found", NvmlFailure.LIBRARY_ABSENT),
    (r"couldn't communicate with the NVIDIA driver|Driver Not Loaded", NvmlFailure.DRIVER_NOT_LOADED),
    (r"Insufficient Permissions|user does not have permission", NvmlFailure.NO_PERMISSION),
    (r"Unable to determine the device handle for GPU|GPU is lost", NvmlFailure.GPU_LOST),
    (r"Failed to initialize NVML|couldn't initialize NVML", NvmlFailure.UNKNOWN),
)


@record
class SmiReport:
    """What one run of nvidia-smi told."""

    driver_version: Version | Unknown
    cuda_version: Version | Unknown | None
    gpus: tuple[Gpu, ...] | Unknown
    failure: NvmlFailure | None = None
    message: str | None = None
    """nvidia-smi's own words where it failed."""
    library_version: Version | None = None
    """NVML's, where a failure names it."""


def parse_smi_xml(text: str) -> SmiReport:
    """Parse `nvidia-smi -q -x`.

    Raises:
        UnreadableSmi: no XML of nvidia-smi, or not safe to parse.
    """
    return _report(parse_xml(text), text)


def parse_smi_text(text: str) -> SmiReport:
    """Parse any of the plain forms; what the text does not say is Unknown.

    Raises:
        UnreadableSmi: nothing in it is nvidia-smi's.
    """
    if "NVSMI LOG" in text:
        return _report(parse_indented(text), text)
    failure, message = parse_failure(text)
    driver, cuda = _HEADER_DRIVER.search(text), _HEADER_CUDA.search(text)
    gpus = parse_gpu_rows(text) or parse_listed(text) or parse_csv(text) or parse_dcgm(text)
    is_empty = "No devices were found" in text
    if not (driver or gpus or failure or is_empty):
        raise UnreadableSmi("nothing in the text is what nvidia-smi prints")
    return SmiReport(
        driver_version=_version(driver[1] if driver else parse_csv_driver(text), "the driver's version", DriverVersion),
        cuda_version=_version(cuda[1] if cuda else None, "a CUDA version"),
        gpus=gpus if gpus or is_empty or driver else Unknown("nvidia-smi lists no GPUs here"),
        failure=failure,
        message=message,
        library_version=_library_version(text),
    )


def parse_failure(text: str) -> tuple[NvmlFailure | None, str | None]:
    """The kind of failure that nvidia-smi's words state, and the line; None twice where it states none."""
    for line in text.splitlines():
        for pattern, failure in _FAILURES:
            if re.search(pattern, line):
                return failure, line.strip()
    return None, None


def _report(tree: Node, text: str) -> SmiReport:
    logs = tree.all("gpu")
    failure, message = parse_failure(re.split(r"NVSMI LOG|<nvidia_smi_log", text, maxsplit=1)[0])
    lost = next((index for index, node in enumerate(logs) if is_lost(node)), None)
    if failure is None and lost is not None:
        failure, message = NvmlFailure.GPU_LOST, f"GPU {lost} is lost"
    return SmiReport(
        driver_version=_version(tree.text("kmd_version", "driver_version"), "the driver's version", DriverVersion),
        cuda_version=_version(tree.text("cuda_umd_version", "cuda_version"), "a CUDA version"),
        gpus=tuple(gpu_from_node(index, node) for index, node in enumerate(logs)),
        failure=failure,
        message=message,
    )


def _version(text: str | None, what: str, kind: type[Version] = Version) -> Version | Unknown:
    """A version; newer releases write a remark behind it, which is cut off."""
    plain = word(text.split(" [", 1)[0] if text else text)
    if isinstance(plain, Unknown):
        return plain
    if plain is None:
        return Unknown(f"nvidia-smi does not state {what}")
    try:
        return kind(plain)
    except InvalidVersion:
        return Unknown(f"nvidia-smi states {what} as {plain[:40]!r}")


def _library_version(text: str) -> Version | None:
    match = _LIBRARY.search(text)
    return DriverVersion(match[1]) if match else None
