"""What a secret, an address or an identity looks like in a text.

Each row: words in lower case of which one must occur (a cheap test that saves compiling and searching most
patterns), the pattern, and what takes its place. Version numbers look like IPv4 addresses, so an address is only
one where its surroundings say so.
"""

from __future__ import annotations

import re
from functools import cache

BLANK = "***"
"""Takes the place of a secret."""

Row = tuple[tuple[str, ...], str, str]

_SECRET_WORD = r"(?:token|secret|password|passwd|passphrase|api[_-]?key|access[_-]?key|credentials?|signature)"  # noqa: S105 - a pattern
_SECRET_HINTS = ("token", "secret", "passw", "passphrase", "key", "credential", "signature")
_DONE = r"(?!\*{3}(?:[\s\"',;&<>(){}\[\]]|\Z))"
"""Not in front of what was blanked already."""
_VALUE = _DONE + r"(?:\"[^\"\n]*\"|'[^'\n]*'|[\"']?[^\s\"',;&<>]+)"

SECRETS: tuple[Row, ...] = (
    (("private key",), r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", BLANK),
    (("://",), r"(?<=://)(?!git@)[^/\s'\"<>]*@", BLANK + "@"),
    (
        ("?", "&"),
        r"(?i)([?&][\w.-]*(?:token|key|secret|sig|signature|password|passwd|pwd|auth|credential)[\w.-]*=)[^&\s#'\"<>]+",
        r"\g<1>" + BLANK,
    ),
    (("earer", "asic"), r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9+/_.~-]{8,}=*", r"\g<1>\g<2>" + BLANK),
    (("hf_",), r"(?<![A-Za-z0-9_])hf_[A-Za-z0-9]{30,}", BLANK),
    (("gh",), r"(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9]{20,}", BLANK),
    (("github_pat_",), r"(?<![A-Za-z0-9_])github_pat_\w{20,}", BLANK),
    (("glpat-",), r"(?<![A-Za-z0-9_])glpat-[\w-]{16,}", BLANK),
    (("akia", "asia"), r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", BLANK),
    (("aiza",), r"(?<![A-Za-z0-9])AIza[\w-]{30,}", BLANK),
    (("sk-",), r"(?<![A-Za-z0-9])sk-(?=[\w-]*\d)[\w-]{20,}", BLANK),
    (("xox",), r"(?<![A-Za-z0-9])xox[abeprs]-[\w-]{10,}", BLANK),
    (("pypi-",), r"(?<![A-Za-z0-9])pypi-[\w-]{40,}", BLANK),
    (("nvapi-",), r"(?<![A-Za-z0-9])nvapi-[\w-]{20,}", BLANK),
    (("eyj",), r"(?<![A-Za-z0-9])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", BLANK),
    (("_key",), r"(\w_KEY[\"']?\s*[=:](?!=)\s*)" + _VALUE, r"\g<1>" + BLANK),
    (_SECRET_HINTS, rf"(?i)((?<![A-Za-z]){_SECRET_WORD}[\"']?\s*[=:](?!=)\s*)" + _VALUE, r"\g<1>" + BLANK),
    (_SECRET_HINTS, rf"(?i)((?<!\S)--?[\w-]*{_SECRET_WORD}\s+)(?!-)" + _VALUE, r"\g<1>" + BLANK),
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_KEPT = r"(?!(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|255\.255\.255\.255)(?!\d))"
_IPV4 = rf"(?<![\d.]){_KEPT}(?:{_OCTET}\.){{3}}{_OCTET}(?![\d.]*\d)"
_ADDRESS_WORD = r"(?:inet6?|(?:[a-z_]*_)?(?:addr|address|ip|host)|clientaddr|mountaddr|nameserver|ip address)"
_GROUP = r"[0-9A-Fa-f]{1,4}"
_IPV6 = (
    rf"(?<![\w:.])(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:[Ff][Ee]80|[Ff][CcDd][0-9A-Fa-f]{{2}}|[23][0-9A-Fa-f]{{3}})"
    rf"(?::{_GROUP}){{0,6}}::(?:{_GROUP}(?::{_GROUP}){{0,6}})?)(?![\w:.])"
)
ADDRESSES: tuple[Row, ...] = (
    (("://", "@"), rf"(?<=://){_IPV4}|(?<=@){_IPV4}", "address"),
    ((".",), rf"(?i)(\b{_ADDRESS_WORD}[\"']?(?:\s*[=:]\s*|\s+)[\"']?){_IPV4}", r"\g<1>address"),
    ((".",), rf"{_IPV4}(?=:\d{{2,5}}(?!\d)|:/|@o2ib|@tcp)", "address"),
    ((":",), _IPV6, "address"),
    (("://[",), r"(?<=://\[)(?!::1\])[0-9A-Fa-f:.]+(?:%\w+)?(?=\])", "address"),
    ((":",), r"(?<![\w:.-])(?!(?:00:){5}00|(?:[Ff]{2}:){5})[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![\w:])", "00:00:00:00:00:00"),
    ((" nfs",), r"(?m)(?:(?<=^)|(?<=- nfs )|(?<=- nfs4 ))[A-Za-z0-9][A-Za-z0-9.-]+(?=:/\S* (?:\S+ nfs|\S*rw|\S*ro))", "server"),
    (
        ("@",),
        r"(?<![\w.%+-])(?!git@)[A-Za-z0-9_%+-][\w.%+-]*@(?:[A-Za-z0-9-]+\.)+"
        r"(?!(?:service|slice|scope|socket|target|mount|so|py|whl)\b)[A-Za-z]{2,}(?![\w-])",
        "e-mail",
    ),
)
IDENTITIES: tuple[Row, ...] = (
    (
        ("erial", "ERIAL"),
        r"(?i)((?:serial(?:[ _]?(?:number|no))?|board[ _]serial)\s*[:=]\s*)(?!n/?a\b|\[)[A-Z0-9-]{6,}",
        r"\g<1>0",
    ),
    (("<serial>",), r"(?<=<serial>)(?!N/A)[^<\s]+(?=</serial>)", "0"),
    (("linux ",), r"(?m)^Linux (?!version )\S+(?= \d+\.\d+)", "Linux host"),
)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled when the first text needs it."""
    return re.compile(pattern)


def apply_rows(rows: tuple[Row, ...], text: str) -> str:
    """A text with everything replaced that the rows know."""
    lowered = text.lower()
    for words, pattern, replacement in rows:
        if any(word in lowered for word in words):
            text = compiled(pattern).sub(replacement, text)
    return text
