"""Where profiles are: shipped ones, those in the working directory, and those in the user's configuration folder.

A name means the shipped profile first: a file that happens to lie in the working directory never takes its place.
A path (anything with a slash, or that ends in `.yaml`) always means that file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from envdoctor.errors import BadInput
from envdoctor.model.record import record
from envdoctor.profiles.written import nearest, shown

SUFFIXES = (".yaml", ".yml")
_HERE = os.path.dirname(os.path.abspath(__file__))

_CALLED = {
    "torch": "pytorch", "tf": "tensorflow", "onnx": "onnxruntime", "ort": "onnxruntime", "huggingface": "transformers",
    "hf": "transformers", "mxnet": "mxnet-legacy", "caffe": "caffe-legacy", "cuda": "cuda-dev", "torch-geometric": "pyg",
    "pytorch-geometric": "pyg", "torch_geometric": "pyg", "jupyterlab": "jupyter", "notebook": "jupyter", "numpy": "datascience",
    "cudf": "rapids",
}  # fmt: skip
"""What people call what profiles set up."""


@record
class Folder:
    """A place where profiles are looked for by name."""

    path: str
    origin: str
    """`shipped`, `working directory`, `user configuration`."""


@record
class ProfileEntry:
    """One profile that can be named, as `envdoctor profiles list` shows it."""

    name: str
    title: str
    path: str
    origin: str
    retired: str | None = None
    problem: str | None = None
    """Why it cannot be read; None where it can."""


def shipped_folder() -> str:
    """Where the profiles that come with envdoctor lie: inside the installed package, or at the top of a source tree."""
    installed = os.path.join(_HERE, "shipped")
    return installed if os.path.isdir(installed) else source_folder()


def source_folder() -> str:
    """Where the shipped profiles lie in a source tree."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(_HERE))), "profiles")


def configuration_folder(variables: Mapping[str, str], platform: str) -> str | None:
    """The user's folder for profiles; None where the variables do not say who the user is."""
    if platform == "win32":
        root = variables.get("APPDATA")
    elif platform == "darwin":
        root = os.path.join(variables["HOME"], "Library", "Application Support") if variables.get("HOME") else None
    else:
        root = variables.get("XDG_CONFIG_HOME") or (os.path.join(variables["HOME"], ".config") if variables.get("HOME") else None)
    return os.path.join(root, "envdoctor", "profiles") if root and os.path.isabs(root) else None


def user_folders(working_directory: str = "") -> tuple[Folder, ...]:
    """Where a user's own profiles are looked for, in order."""
    here = [
        Folder(os.path.join(working_directory, place), "working directory")
        for place in ("", "envdoctor-profiles", os.path.join(".envdoctor", "profiles"))
    ]
    configured = configuration_folder(os.environ, sys.platform)
    return (*here, Folder(configured, "user configuration")) if configured else tuple(here)


def is_path(name: str) -> bool:
    """Whether a profile was named by its file."""
    return name.endswith(SUFFIXES) or "/" in name or os.sep in name


def find_profile(name: str, folders: tuple[Folder, ...] | None = None) -> str:
    """The file of the profile of that name.

    Raises:
        BadInput: there is none; the nearest name is told.
    """
    places = (Folder(shipped_folder(), "shipped"), *(user_folders() if folders is None else folders))
    if not is_path(name) and name.isprintable():
        for folder in places:
            for suffix in SUFFIXES:
                path = os.path.join(folder.path, name + suffix)
                if os.path.isfile(path):
                    return path
    raise unknown_profile(name, [found for folder in places for found in names_in(folder.path)])


def unknown_profile(name: str, known: list[str]) -> BadInput:
    """What to say to a name that nobody knows: `pytorch` is several, `pytorhc` a slip."""
    family = family_of(name, known)
    if len(family) > 1:
        which = f"{', '.join(family[:-1])} or {family[-1]}"
        return BadInput(f"no profile is called {shown(name)}; there is {which}; envdoctor profiles test tells which fits here")
    near = family[0] if family else nearest(name, known)
    meant = f"did you mean {near}? " if near else ""
    return BadInput(f"no profile is called {shown(name)}; {meant}envdoctor profiles list shows all")


def family_of(name: str, known: list[str]) -> list[str]:
    """The profiles of a framework that was named by itself, or nearly so: `torch`, `pytorhc`, `Keras`, `onnx`."""
    stems = {one.partition("-")[0]: one for one in known}
    word = name.lower()
    word = _CALLED.get(word, word)
    if word.isalpha() and word not in stems:
        word = nearest(word, list(stems)) or word
    return list(dict.fromkeys(one for one in known if one == word or one.startswith(f"{word}-")))


def names_in(folder: str) -> list[str]:
    """The names of the files in a folder that could be profiles; none where it cannot be read."""
    try:
        entries = sorted(os.listdir(folder or os.curdir))
    except OSError:
        return []
    return [os.path.splitext(entry)[0] for entry in entries if entry.endswith(SUFFIXES) and not entry.startswith(".")]
