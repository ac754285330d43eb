"""cuda-compat packages: newer CUDA driver libraries that lie beside the driver's own, in folders named `compat`."""

from __future__ import annotations

import re

from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.software import CompatLibrary
from envdoctor.probes.asking import names_or_none, variable
from envdoctor.probes.places import resolved
from envdoctor.system.port import System

_LIBRARY = r"libcuda\.so\.(\d+\.\d+(?:\.\d+)?)$"
_FOLDERS = ("compat", "compat/lib.real", "compat/lib")
"""NVIDIA's own images for training keep it in `lib.real`, and link it to `lib` where it is to be used."""
DEFAULT_ROOT = "/usr/local/cuda"


def probe_compat_libraries(system: System) -> tuple[CompatLibrary, ...]:
    """Every libcuda in a folder named `compat`, each once; its full name states the driver that it belongs to.

    Places: folders of that name on LD_LIBRARY_PATH, then those of the toolkits in /usr/local.
    """
    stated = [part.rstrip("/") for part in (variable(system, "LD_LIBRARY_PATH") or "").split(":") if "/compat" in part]
    roots = [f"/usr/local/{name}" for name in names_or_none(system, "/usr/local") if name.startswith("cuda")]
    roots.sort(key=lambda root: root != DEFAULT_ROOT)
    found: dict[str, CompatLibrary] = {}
    for folder in (*stated, *(f"{root}/{part}" for root in roots for part in _FOLDERS)):
        for name in names_or_none(system, folder):
            if number := re.match(_LIBRARY, name):
                real = resolved(system, f"{folder}/{name}")
                found.setdefault(
                    real,
                    CompatLibrary(
                        folder, DriverVersion(number[1]), folder in stated, folder.startswith(f"{DEFAULT_ROOT}/"), real
                    ),
                )
    return tuple(found.values())
