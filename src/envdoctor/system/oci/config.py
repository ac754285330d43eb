"""What an image's configuration says: variables, what it starts, and what it is built for. Pure.

Source: OCI image specification, "Image Configuration"; `docker save` writes the same document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from envdoctor.model.record import record
from envdoctor.system.port import Malformed

MACHINES = {
    "amd64": "x86_64", "arm64": "aarch64", "386": "i686", "ppc64le": "ppc64le", "s390x": "s390x", "riscv64": "riscv64",
    "loong64": "loongarch64", "arm": "armv7l",
}  # fmt: skip
"""Go's names of architectures, which images use, to those of `uname -m`."""
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What container engines set where an image does not say."""


@record
class Config:
    """What an image says of itself."""

    architecture: str
    """Go's name: `amd64`."""
    os: str
    variant: str
    """`v7` of arm, `v3` of amd64; mostly empty."""
    variables: Mapping[str, str]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    """Name or number, `user:group`; empty for root."""
    working_folder: str
    layer_digests: tuple[str, ...]
    """Of the unpacked layers, lowest first."""

    @property
    def machine(self) -> str:
        """The architecture as `uname -m` words it."""
        return MACHINES.get(self.architecture, self.architecture)

    @property
    def platform(self) -> str:
        """`linux/amd64`, `linux/arm/v7`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


def parse_config(data: bytes, name: str) -> Config:
    """A configuration document.

    Raises:
        Malformed: it is none.
    """
    document = parse_document(data, name)
    said = document.get("config") or {}
    if not isinstance(said, dict):
        raise Malformed(name, "config: not an object")
    rootfs = document.get("rootfs") or {}
    return Config(
        architecture=_text(document, "architecture", name),
        os=_text(document, "os", name),
        variant=_text(document, "variant", name),
        variables=parse_variables(_texts(said, "Env", name)),
        entrypoint=_texts(said, "Entrypoint", name),
        command=_texts(said, "Cmd", name),
        user=_text(said, "User", name),
        working_folder=_text(said, "WorkingDir", name) or "/",
        layer_digests=_texts(rootfs if isinstance(rootfs, dict) else {}, "diff_ids", name),
    )


def parse_variables(entries: tuple[str, ...]) -> dict[str, str]:
    """Variables from `NAME=value` entries, the last of each name; PATH is what engines set where none is stated."""
    variables = {"PATH": USUAL_PATH}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if name and equals:
            variables[name] = value
    return variables


def parse_document(data: bytes, name: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Malformed: it is none.
    """
    document = parse_json(data, name)
    if not isinstance(document, dict):
        raise Malformed(name, "no JSON object")
    return document


def parse_json(data: bytes, name: str) -> Any:
    """A JSON value.

    Raises:
        Malformed: it is none.
    """
    try:
        return json.loads(data)
    except RecursionError as error:
        raise Malformed(name, "nested too deeply") from error
    except ValueError as error:
        raise Malformed(name, f"no JSON: {error}") from error


def _text(document: Mapping[str, Any], key: str, name: str) -> str:
    value = document.get(key)
    if value is not None and not isinstance(value, str):
        raise Malformed(name, f"{key}: not a text")
    return value or ""


def _texts(document: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = document.get(key) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Malformed(name, f"{key}: not a list of texts")
    return tuple(value)
