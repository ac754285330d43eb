"""When no set of packages goes together: the package manager's own reasoning, as data. Pure."""

from __future__ import annotations

import re

from envdoctor.errors import InstallFailed
from envdoctor.model.plan import Exclusion
from envdoctor.system.port import Output

_NO_SOLUTION = re.compile(
    r"No solution found when resolving|ResolutionImpossible|conflicting dependencies|No matching distribution found|"
    r"Could not find a version that satisfies"
)
_CONCLUSION = re.compile(
    r"(?:And because|Because) (?P<because>.*?),? we can conclude that (?P<what>.*?)(?: cannot be used)?\.(?: \(\d+\))?(?= |$)"
)
_DEPENDS = re.compile(r"^\s+(?P<what>\S+(?: \S+)?) depends on (?P<because>\S.*)$", re.MULTILINE)
_REQUESTED = re.compile(r"^\s+The user requested(?P<kind> \(constraint\))? (?P<what>\S.*)$", re.MULTILINE)
_NOT_THERE = re.compile(r"find a version that satisfies the requirement (?P<what>.+?) \(from versions: (?P<there>[^)]*)\)")
_OTHER_PYTHON = re.compile(r"[Rr]equire(?:s|) (?:a )?different python version: (?P<list>.+)")
_NEEDS_PYTHON = re.compile(r"Python\s*>=\s*(?P<version>3\.\d+)")
_LINES_SHOWN = 60


class Unsolvable(InstallFailed):
    """No set of packages meets all requirements; `proof` says which requirement excludes what."""

    def __init__(self, message: str, proof: tuple[Exclusion, ...], wanted_python: str | None = None) -> None:
        super().__init__(message)
        self.proof = proof
        self.wanted_python = wanted_python
        """The Python that some of it would need, where the package manager says so."""


def unsolvable(output: Output, message: str) -> Unsolvable | None:
    """The error for what a package manager printed; None where it failed for another reason."""
    text = f"{output.stderr}\n{output.stdout}"
    if not _NO_SOLUTION.search(text):
        return None
    proof = parse_proof(text)
    python = _NEEDS_PYTHON.search(" ".join(exclusion.because for exclusion in proof))
    return Unsolvable(message, proof, python["version"] if python else None)


def parse_proof(text: str) -> tuple[Exclusion, ...]:
    """Which requirement excludes what, as uv concludes it step by step, or as pip lists it."""
    flat = " ".join(_joined_lists(text).split()).replace(" ,", ",").replace("all of: ", "")
    found = [Exclusion(match["what"], match["because"]) for match in _CONCLUSION.finditer(flat)]
    if not found:
        found += [Exclusion(match["what"], f"it is asked for{match['kind'] or ''}") for match in _REQUESTED.finditer(text)]
        found += [Exclusion(match["what"], f"it needs {match['because'].strip()}") for match in _DEPENDS.finditer(text)]
        found += [Exclusion(match["what"], _on_offer(match["there"])) for match in _NOT_THERE.finditer(text)]
        found += [Exclusion("versions for another Python", match["list"].strip()) for match in _OTHER_PYTHON.finditer(text)]
    return tuple(dict.fromkeys(found))[:_LINES_SHOWN]


def _on_offer(there: str) -> str:
    versions = there.split(", ")
    newest = ", ".join(versions[-6:])
    return "nothing of that name is on offer" if there == "none" else f"on offer for this Python and platform are only: {newest}"


def _joined_lists(text: str) -> str:
    """Uv puts the members of a list on lines of their own, further in; commas make a sentence of them."""
    lines: list[str] = []
    depth = 0
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        is_member = bool(lines) and (lines[-1].rstrip().endswith(":") or (depth and indent >= depth))
        if is_member:
            lines.append(line if lines[-1].rstrip().endswith(":") else f", {line.strip()}")
            depth = indent
        else:
            lines.append(line)
            depth = 0
    return "\n".join(lines)
