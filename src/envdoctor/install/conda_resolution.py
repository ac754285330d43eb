"""What conda, mamba, micromamba or the embedded rattler say that they would do → downloads and pins. Pure."""

from __future__ import annotations

import json
from typing import Any

from envdoctor.model.conda import without_secrets
from envdoctor.model.plan import Archive, Download
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

NO_SIZE = Unknown("conda does not state the size of what is in its cache already")
NOT_TOLD = Unknown("conda does not tell in a dry run what packages need")


@record
class Solution:
    """What would change."""

    downloads: tuple[Download, ...]
    """The packages that come, in any case into the environment; from the cache where they are there."""
    pins: tuple[str, ...]
    """The very builds, in conda's words."""
    removed: tuple[str, ...] = ()
    python: str | None = None
    """The version of Python that comes; None where it stays."""


def parse_solution(text: str) -> Solution:
    """The solution in what was printed.

    Raises:
        ValueError: it is none; the message is conda's own, where it says why.
    """
    try:
        document = json.loads(text[text.index("{") :])
    except ValueError as error:
        raise ValueError("it printed no JSON") from error
    if not isinstance(document, dict) or document.get("success") is False or "error" in document:
        raise ValueError(_cause(document))
    try:
        if "schema" in document:
            return _solution(document["install"], {}, tuple(document["remove"]))
        actions = document.get("actions") or {}
        actions = actions[0] if isinstance(actions, list) and actions else actions or {}
        fetched = {_key(entry): entry for entry in actions.get("FETCH", ()) if isinstance(entry, dict)}
        linked = [_entry(entry) for entry in actions.get("LINK", ())]
        coming = {entry["name"] for entry in linked}
        gone = tuple(entry["name"] for entry in map(_entry, actions.get("UNLINK", ())) if entry["name"] not in coming)
        return _solution(linked, fetched, gone)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"its JSON is not as expected: {error!r}") from error


def _solution(entries: list[Any], fetched: dict[tuple[str, str, str], Any], removed: tuple[str, ...]) -> Solution:
    entries = sorted(entries, key=lambda entry: str(entry["name"]))
    downloads = tuple(_download(entry, fetched.get(_key(entry), {})) for entry in entries)
    pins = tuple("=".join(_key(entry)) for entry in entries)
    python = next((str(entry["version"]) for entry in entries if entry["name"] == "python"), None)
    return Solution(downloads, pins, tuple(sorted(removed)), python)


def _download(entry: dict[str, Any], fetched: dict[str, Any]) -> Download:
    stated = {**entry, **fetched}
    url = without_secrets(str(stated.get("url") or ""))
    size, sha256 = stated.get("size"), stated.get("sha256")
    needs = entry.get("needs", stated.get("depends"))
    return Download(
        str(entry["name"]),
        str(entry["version"]),
        size if isinstance(size, int) else NO_SIZE,
        url,
        (Archive(url, sha256, size if isinstance(size, int) else None),) if url else (),
        NOT_TOLD if needs is None else tuple(map(str, needs)),
        without_secrets(str(stated.get("channel") or "")),
    )


def _entry(entry: Any) -> dict[str, Any]:
    """An entry of a dry run; conda before 4.4 writes `defaults::zlib-1.2.8-3` alone."""
    if isinstance(entry, dict):
        return entry
    channel, _, rest = str(entry).split(" ")[0].rpartition("::")
    name, version, build = rest.rsplit("-", 2)
    return {"name": name, "version": version, "build": build, "channel": channel}


def _key(entry: dict[str, Any]) -> tuple[str, str, str]:
    return str(entry["name"]), str(entry["version"]), str(entry.get("build_string") or entry.get("build") or "")


def _cause(document: Any) -> str:
    """Conda's own words for why there is no solution."""
    if not isinstance(document, dict):
        return "it printed something else than a solution"
    problems = document.get("solver_problems") or ()
    said = document.get("message") or document.get("error") or "; ".join(map(str, problems)) or "no reason given"
    return " ".join(str(said).split())
