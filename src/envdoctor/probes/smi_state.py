"""The state of a GPU in the trees of nvidia-smi: errors, repairs, links to the board, instances, fabric, virtualization.

What an older nvidia-smi does not print at all is Unknown; "N/A" is None: this GPU does not have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from envdoctor.model.facts import EccErrors, MigInstance, RetiredPages, RowRemapping
from envdoctor.model.unknown import Unknown
from envdoctor.probes.smi_fields import parse_decimal, parse_size, parse_switch, parse_whole, value, word
from envdoctor.probes.smi_tree import Node

T = TypeVar("T")
_UNPRINTED = Unknown("this nvidia-smi does not print it")
_NO_PROFILE = Unknown("nvidia-smi -q does not print the profiles of instances")
_SRAM = ("register_file", "l1_cache", "l2_cache", "texture_memory", "texture_shm", "texture_shared", "cbu")
_HEALTH = (
    ("bandwidth", "degraded", "degraded bandwidth"),
    ("route_recovery_in_progress", "true", "route recovery in progress"),
    ("route_unhealthy", "true", "route unhealthy"),
    ("access_timeout_recovery", "true", "access timeout recovery"),
)


def state_of_node(gpu: Node) -> dict[str, Any]:
    """The fields of a Gpu that this file is about."""
    return {
        **_speed(gpu),
        **_errors(gpu),
        **_fabric(gpu),
        "recovery_action": _recovery(gpu),
        "mig_instances": _instances(gpu),
        "virtualization_mode": _virtualization(gpu),
        "vgpu_license": _license(gpu),
    }


def printed(node: Node, parse: Callable[[str], T | None], *paths: str) -> T | Unknown | None:
    """A value under a node; Unknown where nothing of that name is printed."""
    text = node.text(*paths)
    return _UNPRINTED if text is None else value(text, parse)


def _speed(gpu: Node) -> dict[str, Any]:
    """What it does now, and what its power supply and its slot allow."""
    power = gpu.find("gpu_power_readings", "power_readings") or Node("power_readings")
    generation = gpu.find("pci/pci_gpu_link_info/pcie_gen", "pci/gpu_link_info/pcie_generation") or Node("pcie_gen")
    return {
        "performance_state": printed(gpu, str, "performance_state"),
        "utilization_percent": printed(gpu, parse_percent, "utilization/gpu_util", "utilization/gpu"),
        "power_draw_watts": printed(power, parse_decimal, "power_draw", "instant_power_draw", "instantaneous_power_draw",
                                    "average_power_draw"),
        "power_limit_min_watts": printed(power, parse_decimal, "min_power_limit"),
        "power_limit_max_watts": printed(power, parse_decimal, "max_power_limit"),
        "bar1_total_bytes": printed(gpu, parse_size, "bar1_memory_usage/total"),
        "bar1_used_bytes": printed(gpu, parse_size, "bar1_memory_usage/used"),
        "pcie_generation_card_max": printed(generation, parse_whole, "max_device_link_gen", "device_max"),
        "pcie_replays": printed(gpu, parse_whole, "pci/replay_counter", "pci/replays_since_reset"),
    }  # fmt: skip


def _errors(gpu: Node) -> dict[str, Any]:
    """ECC errors, and what was done about them."""
    ecc = gpu.find("ecc_errors")
    repairs = [] if ecc is None else [printed(ecc, parse_yes, f"{what}_repair_pending") for what in ("channel", "tpc")]
    return {
        "ecc_volatile": _ecc(ecc, "volatile"),
        "ecc_aggregate": _ecc(ecc, "aggregate"),
        "sram_threshold_exceeded": printed(ecc or Node(""), parse_yes, "aggregate/sram_threshold_exceeded"),
        "row_remapping": _remapping(gpu.find("remapped_rows")),
        "retired_pages": _pages(gpu.find("retired_pages")),
        "repair_pending": True if True in repairs else repairs[0] if repairs else _UNPRINTED,
    }


def _ecc(ecc: Node | None, which: str) -> EccErrors | Unknown | None:
    counts = None if ecc is None else ecc.find(which)
    if counts is None:
        return _UNPRINTED if ecc is None else word(ecc.value)  # type: ignore[return-value]
    found = _ecc_by_kind(counts) if counts.find("single_bit") else _ecc_by_place(counts)
    if all(count is None or isinstance(count, Unknown) for count in found.values()):
        return next((count for count in found.values() if isinstance(count, Unknown)), None)
    return EccErrors(**found)


def _ecc_by_kind(counts: Node) -> dict[str, Any]:
    """GPUs before Ampere: single and double bit errors, each memory for itself."""
    found: dict[str, Any] = {}
    for name, kind in (("corrected", "single_bit"), ("uncorrected", "double_bit")):
        of_kind = counts.find(kind) or Node(kind)
        found[name] = printed(of_kind, parse_whole, "total")
        found[f"dram_{name}"] = printed(of_kind, parse_whole, "device_memory")
        found[f"sram_{name}"] = _sum(value(of_kind.text(place), parse_whole) for place in _SRAM)
    return found


def _ecc_by_place(counts: Node) -> dict[str, Any]:
    """GPUs since Ampere: SRAM and DRAM; newer drivers split the uncorrected errors of SRAM."""
    whole = value(counts.text("sram_uncorrectable"), parse_whole)
    split = (value(counts.text(f"sram_uncorrectable_{part}"), parse_whole) for part in ("parity", "secded", "sec_ded"))
    sram = {
        "sram_corrected": printed(counts, parse_whole, "sram_correctable"),
        "sram_uncorrected": whole if counts.find("sram_uncorrectable") else _sum(split),
    }  # fmt: skip
    dram = {
        "dram_corrected": printed(counts, parse_whole, "dram_correctable"),
        "dram_uncorrected": printed(counts, parse_whole, "dram_uncorrectable"),
    }
    return {
        **sram, **dram,
        "corrected": _sum((sram["sram_corrected"], dram["dram_corrected"])),
        "uncorrected": _sum((sram["sram_uncorrected"], dram["dram_uncorrected"])),
    }  # fmt: skip


def _sum(counts: Any) -> int | Unknown | None:
    """The sum of those that are numbers; else the first that is unknown, else None."""
    numbers = list(counts)
    counted = [number for number in numbers if isinstance(number, int)]
    return sum(counted) if counted else next((number for number in numbers if isinstance(number, Unknown)), None)


def _remapping(rows: Node | None) -> RowRemapping | Unknown | None:
    if rows is None:
        return _UNPRINTED
    if not rows.children:
        return word(rows.value)  # type: ignore[return-value]
    return RowRemapping(
        correctable=printed(rows, parse_whole, "remapped_row_corr", "correctable_error"),
        uncorrectable=printed(rows, parse_whole, "remapped_row_unc", "uncorrectable_error"),
        pending=printed(rows, parse_yes, "remapped_row_pending", "pending"),
        failed=printed(rows, parse_yes, "remapped_row_failure", "remapping_failure_occurred"),
    )


def _pages(pages: Node | None) -> RetiredPages | Unknown | None:
    if pages is None:
        return _UNPRINTED
    single = printed(pages, parse_whole, "multiple_single_bit_retirement/retired_count", "single_bit_ecc")
    double = printed(pages, parse_whole, "double_bit_retirement/retired_count", "double_bit_ecc")
    if single is None and double is None:
        return None
    return RetiredPages(
        single, double, printed(pages, parse_yes, "pending_retirement", "pending_blacklist", "pending_page_blacklist")
    )


def _recovery(gpu: Node) -> str | Unknown | None:
    """Newer drivers name the action, older ones say whether a reset is needed; some say it in place of every value."""
    if any(re.search(r"requires reset|reset required", text, re.IGNORECASE) for text in _values(gpu)):
        return "reset"
    named = gpu.text("gpu_recovery_action")
    if named is not None:
        return "none" if named == "None" else value(named, spelled)
    needed = printed(gpu, parse_yes, "gpu_reset_status/reset_required")
    advised = printed(gpu, parse_yes, "gpu_reset_status/drain_and_reset_recommended")
    if needed is True or advised is True:
        return "reset" if needed is True else "drain_and_reset"
    return "none" if needed is False else needed


def _values(node: Node) -> Iterator[str]:
    for child in node.children:
        yield child.value
        yield from _values(child)


def _fabric(gpu: Node) -> dict[str, Any]:
    fabric = gpu.find("fabric")
    if fabric is None:
        return dict.fromkeys(("fabric_state", "fabric_status", "fabric_health", "fabric_clique"), _UNPRINTED)
    return {
        "fabric_state": printed(fabric, spelled, "state"),
        "fabric_status": printed(fabric, str.lower, "status"),
        "fabric_health": _health(fabric.find("health")),
        "fabric_clique": printed(fabric, parse_whole, "cliqueId", "cliqueid", "clique_id"),
    }


def _health(health: Node | None) -> str | Unknown | None:
    """What is wrong, or "healthy"; None where nothing of it is reported."""
    if health is None:
        return _UNPRINTED
    told = {child.key: word(child.value) for child in health.children}
    bad = [words for key, ill, words in _HEALTH if str(told.get(key)).lower() == ill]
    wrong = told.get("incorrect_configuration")
    if isinstance(wrong, str) and wrong.lower() not in ("none", "false"):
        bad.append(f"incorrect configuration ({wrong.lower()})")
    summary = told.get("summary")
    if not bad and isinstance(summary, str) and summary.lower() != "healthy":
        bad.append(summary.lower())
    if bad:
        return ", ".join(bad)
    return "healthy" if any(isinstance(text, str) for text in told.values()) else None


def _instances(gpu: Node) -> tuple[MigInstance, ...] | Unknown | None:
    mode = value(gpu.text("mig_mode/current_mig", "mig_mode/current"), parse_switch)
    if mode is not True:
        return None if mode is False else mode
    listed = gpu.find("mig_devices")
    nodes = listed.all("mig_device") if listed is not None and listed.children else gpu.all("mig_device")
    if listed is None and not nodes:  # a text that was cut off, or that leaves instances out, says nothing of them
        return _UNPRINTED
    return tuple(_instance(node) for node in nodes)


def _instance(node: Node) -> MigInstance:
    number = printed(node, parse_whole, "gpu_instance_id")
    memory = node.find("fb_memory_usage", "shared_fb_memory_usage") or Node("memory")
    return MigInstance(
        gpu_instance=number if number is not None else _UNPRINTED,
        compute_instance=printed(node, parse_whole, "compute_instance_id"),
        profile=_NO_PROFILE,
        memory_total_bytes=printed(memory, parse_size, "total"),
        memory_used_bytes=printed(memory, parse_size, "used"),
        uuid=_NO_PROFILE,
    )


def _virtualization(gpu: Node) -> str | Unknown | None:
    text = gpu.text("gpu_virtualization_mode/virtualization_mode")
    if text is None:
        return _UNPRINTED
    return "none" if text == "None" else value(text, spelled)


def _license(gpu: Node) -> str | Unknown | None:
    """`Licensed (Expiry: ...)` is `licensed`; None where no vGPU is licensed here."""
    product = gpu.find("vgpu_software_licensed_product", "grid_licensed_product")
    if product is None:
        return None
    return printed(product, lambda text: text.split(" (")[0].lower(), "license_status")


def parse_yes(text: str) -> bool | None:
    """True and False of `Yes` and `No`."""
    return {"yes": True, "no": False, "true": True, "false": False}.get(text.lower())


def parse_percent(text: str) -> int | None:
    """The number of `97 %`."""
    return parse_whole(text.removesuffix("%").strip())


def spelled(text: str) -> str:
    """`In Progress` as `in_progress`, `Pass-Through` as `pass_through`."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
