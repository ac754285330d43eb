"""Device files of AMD and Intel GPUs, and whether this process may open them: a host question, since no file answers it."""

from __future__ import annotations

import os
from typing import Any


def compute_devices() -> dict[str, Any]:
    """`/dev/kfd` and `/dev/dri/renderD*` as far as they are there: `is_writable`, and the `group` by name or number."""
    paths = ["/dev/kfd"] + [f"/dev/dri/{name}" for name in _render_nodes()]
    return {path: _access(path) for path in paths if os.path.exists(path)}


def _render_nodes() -> list[str]:
    try:
        return sorted(name for name in os.listdir("/dev/dri") if name.startswith("renderD"))
    except FileNotFoundError:
        return []


def _access(path: str) -> dict[str, Any]:
    number = os.stat(path).st_gid
    try:
        from grp import getgrgid

        group = getgrgid(number).gr_name
    except (ImportError, KeyError):
        group = str(number)
    return {"is_writable": os.access(path, os.R_OK | os.W_OK), "group": group}
