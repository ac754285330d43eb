"""Imports pynvml without what it imports and does not use."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_NAME = "ctypes.util"


def import_pynvml() -> Any:
    """The module pynvml.

    It names `ctypes.util.find_library`, which would bring shutil, subprocess and tempfile, nearly half of the time that the
    import takes, and never calls it. While it is imported, a module stands there that brings them when it is called.

    Raises:
        ImportError: it is not installed.
    """
    if _NAME in sys.modules:
        import pynvml

        return pynvml
    stand_in = ModuleType(_NAME, "Stands in for ctypes.util while pynvml is imported.")
    stand_in.find_library = _find_library  # type: ignore[attr-defined]
    sys.modules[_NAME] = stand_in
    try:
        import pynvml
    finally:
        if sys.modules.get(_NAME) is stand_in:
            del sys.modules[_NAME]
    return pynvml


def _find_library(name: str) -> str | None:
    from importlib import import_module

    if not hasattr(sys.modules.get(_NAME), "__file__"):
        sys.modules.pop(_NAME, None)  # called while pynvml is imported: the real one takes the place
    found: str | None = import_module(_NAME).find_library(name)
    return found
