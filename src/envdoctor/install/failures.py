"""Why a package manager failed, in one line, from what it printed. Pure."""

from __future__ import annotations

import re

from envdoctor.system.port import Output

_CAUSES = (
    (re.compile(r"No space left on device|Errno 28|os error 28|disk quota exceeded", re.I), "the disk is full"),
    (re.compile(r"hash(es)? (mismatch|do not match)|DO NOT MATCH THE HASHES", re.I), "a file does not have its stated hash"),
    (re.compile(r"Temporary failure in name resolution|Name or service not known|dns error|getaddrinfo failed", re.I),
     "a host cannot be found (name resolution)"),
    (re.compile(r"IncompleteRead|incomplete-download|before message length reached|error decoding response body|Connection broken"
                r"|Connection reset|closed before message completed|RemoteDisconnected", re.I),
     "the connection to the package index broke off"),
    (re.compile(r"Connection refused|tcp connect error|ConnectTimeout|ReadTimeout|Read timed out|operation timed out", re.I),
     "the package index does not answer"),
    (re.compile(r"\b5\d\d (Server Error|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)", re.I),
     "the package index has a fault of its own"),
    (re.compile(r"\b(401|403) (Client Error|Unauthorized|Forbidden)", re.I), "the package index wants other credentials"),
    (re.compile(r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer", re.I),
     "the certificate of the package index is not trusted"),
    (re.compile(r"Permission denied|Read-only file system|Errno 13|Errno 30", re.I), "writing is not allowed there"),
)  # fmt: skip
_ERROR_LINE = re.compile(r"^\s*(ERROR:|error:|× |x |ERROR conda[\w.]*:\w+\(\d+\):)\s*(?P<text>.+)|^(?P<raised>[A-Z]\w*Error\(.+)")
"""Also what an old conda logs, and the exception that it prints below that."""
_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(?P<error>\S.*)", re.MULTILINE)
_LIMIT = 500


def cause_of(output: Output, tool: str) -> str:
    """One line: what is known to be the cause, and the tool's own words."""
    if output.status < 0:
        return f"{tool} was killed by signal {-output.status}" + _memory_hint(output.status)
    text = f"{output.stderr}\n{output.stdout}"
    own = own_words(text)
    known = next((cause for pattern, cause in _CAUSES if pattern.search(text)), None)
    said = f"{tool} says: {own}" if own else f"{tool} ended with status {output.status}"
    return f"{known} ({said})" if known else said


def own_words(text: str) -> str:
    """The lines that a package manager marks as errors; with uv's the explanation that follows."""
    lines = text.splitlines()
    crash = _TRACEBACK.search(text)
    if crash is not None:
        return f"it crashed: {crash['error']}"[:_LIMIT]
    found = [(number, match) for number, line in enumerate(lines) if (match := _ERROR_LINE.match(line))]
    marked = [(number, match["text"] or match["raised"]) for number, match in found]
    if not marked:
        last = [line.strip() for line in lines if line.strip()]
        return last[-1][:_LIMIT] if last else ""
    number, first = marked[0]
    following = [
        line.strip(" │├╰─▶|>\t").lstrip("`-") for line in lines[number + 1 : number + 12] if line.startswith(("  ", "   "))
    ]
    others = [own for _, own in marked[1:3]]
    is_raised = any(match["raised"] for _, match in found)
    return " ".join([first, *(others if is_raised else following or others)])[:_LIMIT]


def _memory_hint(status: int) -> str:
    return " (out of memory?)" if status == -9 else ""
