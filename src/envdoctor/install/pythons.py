"""The interpreters of this machine that a new environment could be made with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from packaging.version import InvalidVersion, Version

from envdoctor.model.offers import OfferedPython
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import SourceError, System

_QUESTION = (
    "import json, os, platform, sys, sysconfig\n"
    "from importlib.util import find_spec\n"
    "v = sys.version_info\n"
    "e = find_spec('ensurepip')\n"
    "b = os.path.join(os.path.dirname(e.origin), '_bundled') if e and e.origin else ''\n"
    "print(json.dumps({'path': getattr(sys, '_base_executable', None) or sys.executable,"
    " 'version': '{}.{}.{}'.format(*v[:3]) + {'final': ''}.get(v[3], {'alpha': 'a', 'beta': 'b'}.get(v[3], 'rc') + str(v[4])),"
    " 'implementation': sys.implementation.name, 'threaded': bool(sysconfig.get_config_var('Py_GIL_DISABLED')),"
    " 'machine': platform.machine(), 'venv': bool(find_spec('venv') and e),"
    " 'wheels': [os.path.join(b, n) for n in (os.listdir(b) if os.path.isdir(b) else []) if n.endswith('.whl')]}))"
)
"""Works on every Python from 3.6 on. In a venv it names the interpreter that the venv was made from."""
_NAME = re.compile(r"^python3(\.\d+)?t?(\.exe)?$")
ASK_LIMIT_S = 10.0


def find_pythons(
    system: System, running: str, ask_all: Callable[..., dict[str, OfferedPython | Unknown | None]]
) -> tuple[OfferedPython, ...]:
    """Every usable interpreter, the running one first, then by version, newest first; one of each version."""
    paths = list(dict.fromkeys([running, *on_path(system), *of_pyenv(system), *of_uv(system)]))
    answers = ask_all({path: _asking(system, path) for path in paths}, ASK_LIMIT_S)
    found = [answer for answer in answers.values() if isinstance(answer, OfferedPython)]
    ordered = [*found[:1], *sorted(found[1:], key=lambda python: python.version, reverse=True)]
    kept: dict[tuple[Version, str], OfferedPython] = {}
    for python in ordered:
        kept.setdefault((python.version, python.abi), python)
    return tuple(kept.values())


def ask_python(system: System, path: str) -> OfferedPython | None:
    """What an interpreter says of itself; None where it does not start, is no CPython or older than 3.6."""
    try:
        output = system.run((path, "-I", "-S", "-c", _QUESTION), ASK_LIMIT_S)  # site takes longer than all else
    except SourceError:
        return None
    return parse_answer(output.stdout, path) if output.status == 0 else None


def this_python() -> OfferedPython | None:
    """The same of the interpreter that runs this, which nobody has to start for it."""
    import os
    import platform
    import sys
    import sysconfig
    from importlib.util import find_spec

    found = find_spec("ensurepip")
    bundled = os.path.join(os.path.dirname(found.origin), "_bundled") if found and found.origin else ""
    names = os.listdir(bundled) if os.path.isdir(bundled) else []
    said = {
        "path": getattr(sys, "_base_executable", None) or sys.executable,
        "version": platform.python_version().rstrip("+"),  # of a build between two releases
        "implementation": sys.implementation.name,
        "threaded": sys.version_info >= (3, 13) and sysconfig.get_config_var("Py_GIL_DISABLED"),
        "machine": platform.machine(),
        "venv": found and find_spec("venv"),
        "wheels": [os.path.join(bundled, name) for name in names if name.endswith(".whl")],
    }
    return _offered(said, sys.executable)


def parse_answer(text: str, source: str) -> OfferedPython | None:
    """The answer to the question above; None where it is none."""
    try:
        return _offered(json.loads(text), source)
    except (ValueError, KeyError, TypeError, InvalidVersion):
        return None


def _offered(said: dict[str, Any], source: str) -> OfferedPython | None:
    version = Version(said["version"])
    if said["implementation"] != "cpython":
        return None
    abi = f"cp{version.major}{version.minor}{'t' if said['threaded'] else ''}"
    wheels = tuple(sorted(map(str, said.get("wheels", ()))))
    return OfferedPython(str(said["path"]), version, abi, str(said["machine"]), bool(said["venv"]), source, wheels)


def on_path(system: System) -> list[str]:
    """Programs called like a Python 3 in the folders of PATH; shims of pyenv are left to `of_pyenv`."""
    windows = system.env("APPDATA") is not None
    folders = (system.env("PATH") or "").split(";" if windows else ":")
    found = []
    for folder in dict.fromkeys(folder.replace("\\", "/") for folder in folders if folder):
        if folder.rstrip("/").endswith("/shims"):
            continue
        found += [f"{folder.rstrip('/')}/{name}" for name in _names(system, folder) if _NAME.match(name)]
    return found


def of_pyenv(system: System) -> list[str]:
    """The interpreters that pyenv has installed."""
    root = system.env("PYENV_ROOT") or f"{system.env('HOME') or ''}/.pyenv"
    return [f"{root}/versions/{name}/bin/python" for name in _names(system, f"{root}/versions") if name[:1].isdigit()]


def of_uv(system: System) -> list[str]:
    """The interpreters that uv has installed."""
    data = system.env("XDG_DATA_HOME") or f"{system.env('HOME') or ''}/.local/share"
    root = system.env("UV_PYTHON_INSTALL_DIR") or f"{data}/uv/python"
    return [f"{root}/{name}/bin/python3" for name in _names(system, root) if name.startswith("cpython-3")]


def _asking(system: System, path: str) -> Callable[[], OfferedPython | None]:
    return lambda: ask_python(system, path)


def _names(system: System, folder: str) -> list[str]:
    try:
        return system.list(folder)
    except SourceError:
        return []
