"""NVIDIA's fabric manager: whether it is installed and runs, and its version.

Sources: the program's file, its file of the process number, its own `--version`, and systemd's word for the service.
"""

from __future__ import annotations

import re

from envdoctor.model.facts import DriverVersion, FabricManager
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, names_or_none, read_line
from envdoctor.system.port import Output, SourceError, System

PROGRAM = "/usr/bin/nv-fabricmanager"
_SERVICE = "nvidia-fabricmanager"
_PID_FILES = ("/run/nvidia-fabricmanager/nv-fabricmanager.pid", "/var/run/nvidia-fabricmanager/nv-fabricmanager.pid")
_LIMIT_S = 5.0


def probe_fabric_manager(system: System, *, needed: bool = True) -> FabricManager | Unknown | None:
    """The fabric manager; None where nothing of it is installed.

    In a container it is looked for like anywhere, and the host's is not seen: what the GPUs say of the fabric counts there.
    """
    if not is_there(system, PROGRAM):
        return None
    if not needed:
        return FabricManager(Unknown("there is no NVSwitch here that it would serve"), Unknown("not asked: no NVSwitch"), PROGRAM)
    return FabricManager(version=_version(system), is_running=_is_running(system), source=PROGRAM)


def _version(system: System) -> DriverVersion | Unknown:
    output = _run(system, (PROGRAM, "--version"))
    if isinstance(output, Unknown):
        return output
    match = re.search(r"\b(\d{3,}(?:\.\d+){1,2})\b", output.stdout + output.stderr)
    return DriverVersion(match[1]) if match else Unknown(f"{PROGRAM} --version states no version")


def _is_running(system: System) -> bool | Unknown:
    """By its process; else by systemd's word; else by a look through the processes."""
    for path in _PID_FILES:
        number = read_line(system, path)
        if isinstance(number, str) and number.isdecimal():
            name = read_line(system, f"/proc/{number}/comm")
            return isinstance(name, str) and name.startswith("nv-fabric")
    output = _run(system, ("systemctl", "is-active", _SERVICE))
    if not isinstance(output, Unknown) and output.stdout.strip() in {"active", "inactive", "failed", "activating"}:
        return output.stdout.strip() == "active"
    names = (read_line(system, f"/proc/{number}/comm") for number in names_or_none(system, "/proc") if number.isdecimal())
    if any(isinstance(name, str) and name.startswith("nv-fabric") for name in names):
        return True
    return Unknown("no process of it is seen, and systemd does not tell")


def _run(system: System, argv: tuple[str, ...]) -> Output | Unknown:
    try:
        return system.run(argv, _LIMIT_S)
    except SourceError as error:
        return Unknown(str(error))
