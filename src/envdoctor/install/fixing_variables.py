"""Variables that lead the loader astray: where the environment itself sets one, its own file is changed.

No program can change the variables of the shell that started it, so the line to type there is told as well.
"""

from __future__ import annotations

import json
import re

from envdoctor.install.planner.fixing import Edit, LeftAlone, Remedy
from envdoctor.model.facts import PythonEnvironment
from envdoctor.model.record import replace
from envdoctor.system.port import SourceError, System

_MARK = "# taken out by envdoctor fix: "
_SCRIPTS = ("bin/activate", "bin/activate.fish", "bin/activate.csh")
_SCRIPT_FOLDER = "etc/conda/activate.d"
_STATE = "conda-meta/state"


def settle_variable(left: LeftAlone, system: System, environment: PythonEnvironment) -> LeftAlone | Remedy:
    """A remedy where a file of the environment sets the variable; else the line to type."""
    if left.fix is None or left.fix.variable is None:
        return left
    name, entry = left.fix.variable
    value = without_entry(system.env(name) or "", entry)
    edits = find_edits(system, environment.prefix, name, entry)
    if edits:
        files = ", ".join(edit.path for edit in edits)
        title = f"Take {entry} out of {name}, which {files} {'sets' if len(edits) == 1 else 'set'}"
        return Remedy(left.rule, left.finding, title, safe=True, severity=left.severity, edits=edits, variable=(name, value))
    return replace(left, shell=shell_line(name, value))


def without_entry(value: str, entry: str) -> str:
    """A list of paths without one of them, however it is written."""
    return ":".join(part for part in value.split(":") if part and part.rstrip("/") != entry.rstrip("/"))


def shell_line(name: str, value: str) -> str:
    """What a person types to set it so."""
    return f"export {name}={value}" if value else f"unset {name}"


def find_edits(system: System, prefix: str, name: str, entry: str) -> tuple[Edit, ...]:
    """The environment's own files that put the entry into the variable, each with what it is to hold instead."""
    found = []
    for path in (*(f"{prefix}/{script}" for script in _SCRIPTS), *_listed(system, f"{prefix}/{_SCRIPT_FOLDER}")):
        text = _read(system, path)
        edit = edit_script(path, text, prefix, name, entry) if text else None
        found += [edit] if edit else []
    state = _read(system, f"{prefix}/{_STATE}")
    edit = edit_state(f"{prefix}/{_STATE}", state, name, entry) if state else None
    return (*found, *([edit] if edit else []))


def edit_script(path: str, text: str, prefix: str, name: str, entry: str) -> Edit | None:
    """A shell script without the entry: the lines that set nothing else are left as remarks."""
    setting = re.compile(rf"^\s*(?:export\s+|set\s+-gx\s+|setenv\s+)?{re.escape(name)}(?:=|\s)(?P<value>.*)$")
    lines, changed = [], ""
    for line in text.split("\n"):
        found = setting.match(line)
        parts = re.split(r"[:\s]+", found["value"].replace('"', "").replace("'", "")) if found else []
        meant = [_expanded(part, prefix).rstrip("/") for part in parts]
        if found is None or entry.rstrip("/") not in meant:
            lines.append(line)
            continue
        changed = changed or line.strip()
        others = [part for part, full in zip(parts, meant, strict=True) if part and full != entry.rstrip("/")]
        foreign = [part for part in others if name not in part]
        written = parts[meant.index(entry.rstrip("/"))]
        lines.append(re.sub(rf"{re.escape(written)}:?", "", line) if foreign else f"{_MARK}{line.strip()}")
    return Edit(path, text, "\n".join(lines), changed) if changed else None


def edit_state(path: str, text: str, name: str, entry: str) -> Edit | None:
    """What `conda env config vars` keeps, without the entry."""
    try:
        state = json.loads(text)
        value = state["env_vars"][name]
        after = without_entry(value, entry)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if after == value:
        return None
    variables = {key: one for key, one in state["env_vars"].items() if key != name} | ({name: after} if after else {})
    return Edit(path, text, json.dumps({**state, "env_vars": variables}), f"{name}={value}")


def _expanded(text: str, prefix: str) -> str:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        text = text.replace(f"${{{name}}}", prefix).replace(f"${name}", prefix)
    return text


def _listed(system: System, folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in system.list(folder)]
    except SourceError:
        return []


def _read(system: System, path: str) -> str | None:
    try:
        return system.read(path)
    except SourceError:
        return None
