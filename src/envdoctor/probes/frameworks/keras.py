"""Keras: from 3 on it computes through TensorFlow, JAX or PyTorch, whichever is configured."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.probes.assignments import parse_json
from envdoctor.probes.frameworks.distribution import Installed
from envdoctor.probes.places import home_folder, variable
from envdoctor.system.port import System

DEFAULT = "tensorflow"


def probe_keras(system: System, package: Package, installed: Installed) -> Framework:
    """Keras with its backend: `KERAS_BACKEND`, else `keras.json` in KERAS_HOME or ~/.keras, else TensorFlow."""
    old = isinstance(package.version, Version) and package.version.major < 3
    return Framework(
        name=package.name.removesuffix("-nightly"),
        version=package.version,
        flavour="any",
        source=package.path,
        distribution=package.name,
        backend=DEFAULT if old else _backend(system),
    )


def _backend(system: System) -> str | Unknown:
    stated = variable(system, "KERAS_BACKEND")
    if stated:
        return stated
    home = home_folder(system)
    folder = variable(system, "KERAS_HOME") or (f"{home}/.keras" if home else None)
    text = read_text(system, f"{folder}/keras.json") if folder else None
    if not isinstance(text, str):
        return DEFAULT if text is None else text
    try:
        settings = parse_json(text)
    except ValueError as error:
        return Unknown(f"{folder}/keras.json cannot be read: {error}")
    backend = settings.get("backend") if isinstance(settings, dict) else None
    return backend if isinstance(backend, str) and backend else DEFAULT
