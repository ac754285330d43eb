"""Build hook: compiles the knowledge tables and the shipped profiles, so that loading them costs milliseconds."""

from __future__ import annotations

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface):  # type: ignore[type-arg]
    """Writes `knowledge/compiled/knowledge.json` before a wheel (also an editable one) is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the outcome to the wheel although git ignores it."""
        source = os.path.join(self.root, "src")
        sys.path.insert(0, source)
        try:
            from envdoctor.knowledge.compiling import compile_tables
        finally:
            sys.path.remove(source)
        data = os.path.join(source, "envdoctor", "knowledge", "data")
        compiled = os.path.join(source, "envdoctor", "knowledge", "compiled", "knowledge.json")
        compile_tables(data, compiled)
        build_data["artifacts"].append("src/envdoctor/knowledge/compiled/knowledge.json")
