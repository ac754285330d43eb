"""The language that a command answers in: `--lang`, ENVDOCTOR_LANG, else the locale where a person reads text.

What programs read (JSON, SARIF, JUnit, annotations) is English always. Nothing of a catalogue is imported for English.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envdoctor.language.translating import Catalogue
    from envdoctor.render.layout import Line

OPTION = "--lang"
_VARIABLE = "ENVDOCTOR_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
Sections = tuple[tuple[str, str], ...]
_pages: dict[str, dict[str, Any]] = {}
_said: list[str] = []
"""What `--lang` said on this command line; empty where it said nothing."""


def take_language(arguments: list[str]) -> list[str]:
    """A command line without its `--lang`, which is noted for what is shown from now on.

    Raises:
        BadInput: it names no language that there is.
    """
    _said.clear()
    if not any(word.startswith(OPTION) for word in arguments):
        return arguments
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        flag, equals, value = word.partition("=")
        if flag != OPTION:
            kept.append(word)
            continue
        _said[:] = [_checked(value if equals else next(words, ""))]
    return kept


def language_said() -> str:
    """What was said outright, by the option or the variable; empty where nothing was."""
    if _said:
        return _said[0]
    value = os.environ.get(_VARIABLE, "")
    if not value:
        return ""
    from envdoctor.language.choosing import language_of_tag

    return language_of_tag(value)


def language_for_people(output: str | None = None) -> str:
    """The language of text for a person: what was said, else the locale's; English where the characters cannot be shown."""
    said = language_said()
    if not said and not any(os.environ.get(name, "").startswith("zh") for name in (*_LOCALE, "LANGUAGE")):
        return "en"
    from envdoctor.language.choosing import language_of_locale

    language = said or language_of_locale(os.environ)
    return language if language == "en" or _is_shown(output) else "en"


def spoken(lines: Iterable[Line], output: str | None = None) -> list[Line]:
    """Lines in the language of whoever reads them."""
    language = language_for_people(output)
    if language == "en":
        return list(lines)
    from envdoctor.language.lines import translated_lines

    return translated_lines(lines, catalogue_of(language))


def spoken_text(text: str) -> str:
    """One message in the language of whoever reads it."""
    language = language_for_people()
    if language == "en":
        return text
    from envdoctor.language.translating import translate

    return translate(text, catalogue_of(language))


def spoken_layout(render: Callable[[int], str], width: int, output: str | None = None) -> str:
    """What `render` lays out for a width in columns, in the language of whoever reads it."""
    language = language_for_people(output)
    if language == "en":
        return render(width)
    from envdoctor.language.layouts import translated_layout

    return translated_layout(render, width, catalogue_of(language))


def spoken_document(text: str, form: str) -> str:
    """A finished HTML page or Markdown text in the language that was said outright: a locale changes nothing handed on."""
    language = language_said()
    if language in ("", "en"):
        return text
    from envdoctor.language.markdown import translated_html, translated_markdown

    catalogue = catalogue_of(language)
    return translated_html(text, catalogue, language) if form == "html" else translated_markdown(text, catalogue)


def spoken_page(rule: str, title: str, sections: Sections, output: str | None = None) -> tuple[str, Sections]:
    """A rule's page in the language of whoever reads it."""
    language = language_for_people(output)
    if language == "en":
        return title, sections
    from envdoctor.language.pages import translated_page

    return translated_page(_pages_of(language), rule, title, sections)


def _pages_of(language: str) -> dict[str, Any]:
    if language not in _pages:
        from envdoctor.language.pages import load_pages

        _pages[language] = load_pages(language)
    return _pages[language]


def catalogue_of(language: str) -> Catalogue:
    """The catalogue of a language, loaded once."""
    from envdoctor.language.translating import load_catalogue

    return load_catalogue(language)


def _checked(value: str) -> str:
    from envdoctor.language.choosing import LANGUAGES

    if value not in LANGUAGES:
        from envdoctor.cli.nearest import did_you_mean

        hint = did_you_mean(value, LANGUAGES, "say --lang zh")
        raise BadInput(f"--lang {value}: there is {' and '.join(LANGUAGES)}; {hint}")
    return value


def _is_shown(output: str | None) -> bool:
    """Whether Chinese characters can be written there; files are UTF-8."""
    if output not in (None, "-"):
        return True
    import sys

    from envdoctor.cli.terminal import can_encode

    return sys.stdout is not None and can_encode("中文", sys.stdout.encoding or "ascii")
