"""The pictures are drawn by the script, and ask no server for anything."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY


def script() -> ModuleType:
    place = importlib.util.spec_from_file_location("make_pictures", REPOSITORY / "docs" / "make_pictures.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def words(drawn: str) -> list[str]:
    """What a picture says, without how it is drawn, which changes with versions of rich."""
    return re.findall(r"<text [^>]*>([^<]*)</text>", drawn)


@pytest.mark.parametrize("name", sorted(script().PICTURES))
def test_a_picture_shows_what_the_command_prints(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FORCE_COLOR", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")  # both are put back when the test ends, whatever the script sets
    kept = (REPOSITORY / "docs" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
    assert "".join(words(kept)).replace("\xa0", " ") == "".join(words(script().picture(name))), (
        "run: python docs/make_pictures.py"
    )
    assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?https?:", kept)
