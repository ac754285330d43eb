"""Build hook: compiles knowledge tables, shipped profiles and translations, so that loading them costs milliseconds."""

from __future__ import annotations

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTables(BuildHookInterface):  # type: ignore[type-arg]
    """Writes what is compiled from YAML before a wheel (also an editable one) is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the outcome to the wheel although git ignores it."""
        source = os.path.join(self.root, "src")
        sys.path.insert(0, source)
        try:
            from envdoctor.knowledge.compiling import compile_tables
            from envdoctor.language.compiling import KINDS, compile_languages
            from envdoctor.profiles.compiling import compile_profiles
        finally:
            sys.path.remove(source)
        data = os.path.join(source, "envdoctor", "knowledge", "data")
        compiled = os.path.join(source, "envdoctor", "knowledge", "compiled", "knowledge.json")
        compile_tables(data, compiled)
        build_data["artifacts"].append("src/envdoctor/knowledge/compiled/knowledge.json")
        profiles = os.path.join(source, "envdoctor", "profiles", "compiled", "profiles.json")
        compile_profiles(os.path.join(self.root, "profiles"), profiles)
        build_data["artifacts"].append("src/envdoctor/profiles/compiled/profiles.json")
        languages = os.path.join(source, "envdoctor", "language")
        compile_languages(os.path.join(languages, "data"), os.path.join(languages, "compiled"))
        build_data["artifacts"] += [f"src/envdoctor/language/compiled/zh-{kind}.json" for kind in KINDS]
