"""Loads a profile by name or path. Only profiles that people wrote themselves pay for YAML and pydantic."""

from __future__ import annotations

import os

from envdoctor.errors import BadInput
from envdoctor.model.profile import Profile
from envdoctor.model.record import replace
from envdoctor.profiles.compiled_profiles import load_compiled
from envdoctor.profiles.finding import Folder, ProfileEntry, find_profile, is_path, names_in, shipped_folder, user_folders
from envdoctor.profiles.packing import unpack_profile


def load_profile(name_or_path: str, *, folders: tuple[Folder, ...] | None = None) -> Profile:
    """The profile of that name, or in that file, with all that it extends.

    `folders` replaces the places where a user's own profiles are looked for.

    Raises:
        BadInput: there is no such profile, or its file is wrong; one line that starts with `file:line:` then.
    """
    if not is_path(name_or_path):
        packed = (load_compiled() or {}).get(name_or_path)
        if packed is not None:
            return unpack_profile(packed, os.path.join(shipped_folder(), f"{name_or_path}.yaml"))
        return read_profile(find_profile(name_or_path, folders), folders=folders)
    return replace(read_profile(name_or_path, folders=folders), named=name_or_path)


def read_profile(path: str, *, folders: tuple[Folder, ...] | None = None) -> Profile:
    """The profile in a file, by way of YAML, shipped or not.

    Raises:
        BadInput: the file is wrong.
    """
    from envdoctor.profiles.converting import convert
    from envdoctor.profiles.extending import read_extended

    file = read_extended(path, lambda name: find_profile(name, folders))
    return convert(file, os.path.splitext(os.path.basename(path))[0], path)


def list_profiles(folders: tuple[Folder, ...] | None = None, start: str = "") -> tuple[ProfileEntry, ...]:
    """Every profile that can be named, shipped ones first; one that cannot be read says why.

    Only those whose names begin with `start`: files of a user's own are read, which takes a while each.
    """
    shipped = shipped_folder()
    packed = load_compiled()
    if packed is None:
        entries = [_entry(name, Folder(shipped, "shipped"), folders) for name in names_in(shipped)]
    else:
        entries = [
            ProfileEntry(name, one["title"], os.path.join(shipped, f"{name}.yaml"), "shipped", one.get("retired"))
            for name, one in sorted(packed.items())
        ]
    known = {entry.name for entry in entries}
    for folder in user_folders() if folders is None else folders:
        for name in names_in(folder.path):
            if name not in known and name.startswith(start) and _looks_like_profile(folder, name):
                known.add(name)
                entries.append(_entry(name, folder, folders))
    return tuple(entry for entry in entries if entry.name.startswith(start))


def _entry(name: str, folder: Folder, folders: tuple[Folder, ...] | None) -> ProfileEntry:
    path = _path_of(folder, name)
    try:
        profile = read_profile(path, folders=folders)
    except BadInput as error:
        return ProfileEntry(name, "", path, folder.origin, problem=str(error))
    return ProfileEntry(name, profile.title, path, folder.origin, profile.retired)


def _path_of(folder: Folder, name: str) -> str:
    path = os.path.join(folder.path, f"{name}.yaml")
    return path if os.path.isfile(path) else os.path.join(folder.path, f"{name}.yml")


def _looks_like_profile(folder: Folder, name: str) -> bool:
    """Whether to list a file: a working directory holds other YAML too, so there it must read as a profile."""
    if folder.origin != "working directory" or os.path.basename(folder.path) in {"envdoctor-profiles", "profiles"}:
        return True
    return _entry(name, folder, None).problem is None
