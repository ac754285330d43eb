"""A receipt → text. Takes the document, which is what `--format json` prints."""

from __future__ import annotations

from typing import Any

from envdoctor.render.words import counted

_LISTED = 12


def render_receipt(document: dict[str, Any], *, verbose: bool = False) -> str:
    """What was installed, when, from what, and whether it can be undone."""
    tool = document["tool"]
    verb = "made" if document["created_environment"] else "changed"
    lines = [
        f"{document['profile']} in {document['environment']}",
        f"  {verb} at {document['installed_at']} by envdoctor {tool['version']}, with the knowledge of {tool['knowledge']}",
        f"  with {document['backend']}, Python {document['python']}",
        *_changes(document["changes"], verbose),
        *(f"  worked: {proof['name']} ({proof['detail']})" for proof in document["verification"] if proof["passed"]),
    ]
    packages = document["packages"]
    lines.append(f"  {counted(len(packages), 'package')} in it" + ("" if verbose else "; each with its origin and hash: -v"))
    if verbose:
        lines += [f"    {package_line(package)}" for package in packages]
    return "\n".join([*lines, *_now(document["now"])]) + "\n"


def package_line(package: dict[str, Any]) -> str:
    """One package with where it came from and its hash."""
    origin = package.get("url") or package.get("index") or "origin not written down"
    digest = f"sha256 {package['sha256']}" if package.get("sha256") else ""
    listed = f"list of files sha256 {package['record_sha256']}" if package.get("record_sha256") else "no list of files"
    return f"{package['name']} {package['version']}  {origin}  {digest or listed}"


def _changes(changes: dict[str, Any], verbose: bool) -> list[str]:
    told = [
        ("added", [f"{one['name']} {one['version']}" for one in changes["added"]]),
        ("changed", [f"{one['name']} {one['from']} to {one['to']}" for one in changes["changed"]]),
        ("removed", [f"{one['name']} {one['version']}" for one in changes["removed"]]),
    ]
    return [f"  {word} {counted(len(names), 'package')}: {_some(names, verbose)}" for word, names in told if names]


def _some(names: list[str], verbose: bool) -> str:
    shown = names if verbose else names[:_LISTED]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _now(now: dict[str, Any]) -> list[str]:
    """What is so now and cannot stand in the file itself."""
    lines = [f"  note: {note}" for note in now["notes"]]
    if now["undo"] is None:
        return [*lines, f"  cannot be undone: {now['why_not']}"]
    room = (
        f", and keeps {_mebibytes(now['kept_bytes'])} for that (envdoctor rollback --discard frees them)"
        if now["kept_bytes"]
        else ""
    )
    return [*lines, f"  envdoctor rollback would {now['undo']}{room}"]


def _mebibytes(count: int) -> str:
    return f"{max(count / (1 << 20), 0.1):.1f} MiB"
