"""Which language somebody reads: what was said outright, else the locale."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "zh")
"""English, and Simplified Chinese."""
VARIABLE = "ENVDOCTOR_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set decides, as in the C library."""
_TRADITIONAL = ("tw", "hk", "mo", "hant")


def language_of_locale(variables: Mapping[str, str]) -> str:
    """The language of a locale, from the variables of the C library and LANGUAGE of GNU; English where it is no other."""
    locale = next((variables[name] for name in _LOCALE if variables.get(name)), "")
    if _is_plain(locale):
        return "en"
    wanted = [tag for tag in variables.get("LANGUAGE", "").split(":") if tag] or [locale]
    return language_of_tag(wanted[0])


def language_of_tag(tag: str) -> str:
    """`zh` for `zh_CN.UTF-8`, `zh-Hans`, `zh`; English for everything that there is no catalogue of."""
    parts = tag.partition(".")[0].partition("@")[0].replace("-", "_").lower().split("_")
    return "zh" if parts[0] == "zh" and not any(part in _TRADITIONAL for part in parts) else "en"


def _is_plain(locale: str) -> bool:
    return locale.partition(".")[0] in {"", "C", "POSIX"}
