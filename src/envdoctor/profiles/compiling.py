"""Compiles the shipped profiles to one JSON file when the package is built (see hatch_build.py)."""

from __future__ import annotations

import json
import os

from envdoctor.profiles.finding import names_in
from envdoctor.profiles.loading import read_profile
from envdoctor.profiles.packing import pack_profile


def compile_profiles(folder: str, target_file: str) -> None:
    """Read every profile of a folder and write them all as one JSON file, whole or not at all.

    Raises:
        BadInput: a profile is wrong; nothing is written then.
    """
    packed = {name: pack_profile(read_profile(os.path.join(folder, f"{name}.yaml"), folders=())) for name in names_in(folder)}
    os.makedirs(os.path.dirname(target_file), exist_ok=True)
    unfinished = f"{target_file}.{os.getpid()}"
    with open(unfinished, "w", encoding="utf-8") as file:
        json.dump(packed, file, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    os.replace(unfinished, target_file)
