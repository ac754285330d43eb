"""A system with some environment variables as they will be: what else is asked, it answers itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envdoctor.system.port import System


class Overlaid:
    """Another system's answers, but for these variables; an empty value means that the variable is not set."""

    def __init__(self, inner: System, variables: Mapping[str, str]) -> None:
        self._inner, self._variables = inner, dict(variables)

    def env(self, name: str) -> str | None:
        """An environment variable; None where it is not set."""
        return (self._variables[name] or None) if name in self._variables else self._inner.env(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
