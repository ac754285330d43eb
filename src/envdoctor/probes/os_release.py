"""Parses os-release, and the release files that came before it."""

from __future__ import annotations

import re

from envdoctor.model.record import record

PATHS = ("/etc/os-release", "/usr/lib/os-release")
OLDER_PATHS = ("/etc/redhat-release", "/etc/centos-release", "/etc/system-release", "/etc/lsb-release")

_RELEASE = r"^(?P<name>\S.*?)\s+release\s+(?P<version>[0-9][0-9.]*)"
_OLDER_IDS = {
    "amazon": "amzn", "centos": "centos", "cloudlinux": "cloudlinux", "fedora": "fedora", "oracle": "ol",
    "red": "rhel", "scientific": "scientific",
}  # fmt: skip


@record
class Release:
    """What a release file says."""

    id: str | None
    id_like: tuple[str, ...]
    version: str | None
    name: str | None


def parse_os_release(text: str) -> Release:
    """Parse os-release: shell-like assignments, of which the last one of a name counts (os-release(5))."""
    values = parse_assignments(text)
    name = values.get("PRETTY_NAME") or values.get("NAME")
    return Release(
        id=values.get("ID", "").lower() or None,
        id_like=tuple(values.get("ID_LIKE", "").lower().split()),
        version=values.get("VERSION_ID") or None,
        name=name or None,
    )


def parse_assignments(text: str) -> dict[str, str]:
    """`NAME=value` lines with shell quoting; comments and anything else are passed over."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    named = ((name.lstrip(), value) for name, _, value in pairs)
    return {name: _unquote(value.strip()) for name, value in named if name.isidentifier() and name.isascii()}


def parse_older_release(text: str) -> Release:
    """Parse `/etc/redhat-release` and its like, or lsb-release."""
    values = parse_assignments(text)
    if "DISTRIB_ID" in values:
        name = values.get("DISTRIB_DESCRIPTION") or values["DISTRIB_ID"]
        return Release(values["DISTRIB_ID"].lower() or None, (), values.get("DISTRIB_RELEASE") or None, name or None)
    line = text.strip().partition("\n")[0].strip()
    match = re.match(_RELEASE, line)
    first = line.split(" ", 1)[0].lower()
    return Release(_OLDER_IDS.get(first), (), match["version"] if match else None, line or None)


def _unquote(value: str) -> str:
    """The value that a shell would see: quotes removed, and backslashes where the quoting leaves them meaning."""
    if value[:1] == "'":
        return value[1:].partition("'")[0]
    if "\\" not in value:
        return value[1:].partition('"')[0] if value[:1] == '"' else next(iter(value.split()), "")
    if value[:1] == '"':
        end = re.match(r'"((?:\\.|[^"\\])*)', value)
        return re.sub(r'\\([$"\\`])', r"\1", end[1]) if end else ""
    word = re.match(r"(?:\\.|[^\s\\])*", value)
    return re.sub(r"\\(.)", r"\1", word[0]) if word else ""
