"""Environment variables that change what frameworks, compilers and loaders do."""

from __future__ import annotations

import re

from envdoctor.model.unknown import Unknown
from envdoctor.model.variables import WATCHED
from envdoctor.system.port import SourceError, System

NAMES = WATCHED
"""The port answers for one name at a time, so that a recording holds no variable that nobody asked for; and only names
whose values a recording keeps stand here, so that its replay tells the same."""

_CREDENTIALS = r"(?<=//)[^/\s@]*@"
_HIDDEN_WORDS = r"(?i)((?:token|secret|passw(?:or)?d|api_?key)[\w-]*=)[^\s&;,]+"


def probe_variables(system: System) -> dict[str, str] | Unknown:
    """The variables of NAMES that are set, with credentials taken out of addresses."""
    found = {}
    for name in NAMES:
        try:
            value = system.env(name)
        except SourceError as error:
            return Unknown(str(error))
        if value is not None:
            found[name] = without_credentials(value)
    return found


def without_credentials(value: str) -> str:
    """A value with `user:password@` of every address and every `token=...` replaced by `***`."""
    shown = re.sub(_CREDENTIALS, "***@", value) if "@" in value else value
    return re.sub(_HIDDEN_WORDS, r"\1***", shown) if "=" in shown else shown
