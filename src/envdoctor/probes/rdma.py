"""Ports of InfiniBand and RoCE adapters: of /sys/class/infiniband, and of what ibstat and ibstatus print."""

from __future__ import annotations

import re

from envdoctor.model.facts import RdmaPort
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import link_target, names_in, names_or_none, read_line, read_number
from envdoctor.system.port import System

FOLDER = "/sys/class/infiniband"
_RATE = r"^(\d+(?:\.\d+)?)"
_DEVICE = r"^CA '(?P<name>[^']+)'\s*$"
_FIELD = r"^\s+(?P<key>[A-Za-z_ ]+?):\s*(?P<value>.*?)\s*$"
_PORT = r"^\s+Port (?P<port>\d+):\s*$"


def probe_rdma_ports(system: System, folder: str = FOLDER) -> tuple[RdmaPort, ...] | Unknown:
    """Every port; none where the kernel knows no such adapter."""
    devices = names_in(system, folder)
    if isinstance(devices, Unknown):
        return devices
    return tuple(
        _port(system, folder, device, int(port))
        for device in devices or []
        for port in names_or_none(system, f"{folder}/{device}/ports")
        if port.isdecimal()
    )


def _port(system: System, folder: str, device: str, port: int) -> RdmaPort:
    own = f"{folder}/{device}"
    at = f"{own}/ports/{port}"
    rate = read_line(system, f"{at}/rate")
    target = link_target(system, f"{own}/device") or link_target(system, own) or ""
    address = re.findall(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]", target)
    return RdmaPort(
        device=device,
        port=port,
        state=_named(read_line(system, f"{at}/state")),
        physical_state=_named(read_line(system, f"{at}/phys_state")),
        rate_gbit_per_s=parse_rate(rate) if isinstance(rate, str) else rate,
        link_layer=read_line(system, f"{at}/link_layer"),
        firmware=read_line(system, f"{own}/fw_ver"),
        hardware=read_line(system, f"{own}/hca_type"),
        board=read_line(system, f"{own}/board_id"),
        link_downed=read_number(system, f"{at}/counters/link_downed"),
        pci_address=address[-1] if address else None,
        source=own,
    )


def _named(text: str | Unknown | None) -> str | Unknown | None:
    """`ACTIVE` of `4: ACTIVE`."""
    return text.partition(":")[2].strip() or text if isinstance(text, str) else text


def parse_rate(text: str) -> float | Unknown:
    """The number of `400 Gb/sec (4X NDR)`."""
    match = re.match(_RATE, text.strip())
    return float(match[1]) if match else Unknown(f"a rate is stated as {text[:40]!r}")


def parse_ibstat(text: str) -> tuple[RdmaPort, ...]:
    """The ports in what `ibstat` or `ibstatus` print; what comes after an error is missing there too."""
    ports: list[dict[str, str]] = []
    adapter: dict[str, str] = {}
    for line in text.splitlines():
        device, port, field = (re.match(pattern, line) for pattern in (_DEVICE, _PORT, _FIELD))
        status = re.match(r"^Infiniband device '(?P<name>[^']+)' port (?P<port>\d+) status:", line)
        if device:
            adapter = {"device": device["name"]}
        elif status:
            ports.append({"device": status["name"], "port": status["port"]})
            adapter = {}
        elif port and adapter:
            ports.append({**adapter, "port": port["port"]})
        elif field:
            of_port = bool(ports) and (not adapter or ports[-1]["device"] == adapter["device"])
            (ports[-1] if of_port else adapter)[field["key"].strip().lower().replace(" ", "_")] = field["value"]
    return tuple(_stated(said) for said in ports)


def _stated(said: dict[str, str]) -> RdmaPort:
    state = _named(said.get("state"))
    return RdmaPort(
        device=said["device"],
        port=int(said["port"]),
        state=state.upper() if isinstance(state, str) else state,
        physical_state=_named(said.get("physical_state", said.get("phys_state"))),
        rate_gbit_per_s=parse_rate(said["rate"]) if "rate" in said else None,
        link_layer=said.get("link_layer"),
        firmware=said.get("firmware_version"),
        hardware=said.get("ca_type"),
        source="ibstat",
    )
