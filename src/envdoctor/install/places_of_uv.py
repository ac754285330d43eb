"""Where a uv is looked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from envdoctor.system.port import System


def uv_paths(system: System) -> Iterator[str]:
    """Where there is a uv: beside the running interpreter, then on PATH."""
    name = "uv.exe" if os.name == "nt" else "uv"
    folders = [os.path.dirname(sys.executable), *(system.env("PATH") or "").split(os.pathsep)]
    paths = (os.path.join(folder, name) for folder in dict.fromkeys(folders) if folder)
    return (path for path in paths if os.access(path, os.X_OK))
