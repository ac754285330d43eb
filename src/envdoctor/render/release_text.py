"""What a release is known to need, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from envdoctor.model.unknown import Unknown
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import told

if TYPE_CHECKING:
    from envdoctor.knowledge.describing import Build, Described
    from envdoctor.knowledge.wheels import WheelSet

SCHEMA = "envdoctor.knowledge-release/1"


def release_document(described: Described, date: str) -> dict[str, Any]:
    """The document; null is "none", and what the tables do not say is `{"unknown": reason}`."""
    wheels = described.wheels
    builds = described.builds
    return {
        "schema": SCHEMA,
        "date": date,
        "package": described.package,
        "version": str(described.version),
        "problem": described.problem,
        "requires_python": wheels.requires_python if wheels is not None else None,
        "wheels": {platform: list(map(_wheels_document, sets)) for platform, sets in wheels.wheels.items()} if wheels else {},
        "builds": _value(builds) if isinstance(builds, Unknown) else list(map(_build_document, builds or ())),
        "companions": dict(described.companions),
        "asks_for": dict(described.asks),
        "asks_for_on": {platform: dict(pairs) for where, pairs in described.asks_on for platform in where.split()},
        "notes": list(described.notes),
    }


def _wheels_document(wheels: WheelSet) -> dict[str, Any]:
    return {"pythons": list(wheels.pythons), "floor": _value(wheels.floor)}


def _build_document(build: Build) -> dict[str, Any]:
    release = build.release
    return {
        "build": release.build,
        "platform": release.platform,
        "index": release.index,
        "extra": release.extra,
        "cuda": _value(release.cuda),
        "rocm": _value(release.rocm),
        "cudnn": _value(release.cudnn),
        "driver": _value(build.driver),
        "gpu_floor": ".".join(map(str, release.gpu_floor)) if release.gpu_floor is not None else None,
        "gpu_code": list(release.code) if isinstance(release.code, tuple) else _value(release.code),
        "unconfirmed": list(release.doubts),
        "broken": release.broken,
        "source": release.source,
    }


def _value(value: object) -> Any:
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    return None if value is None else str(value)


def release_lines(described: Described) -> Iterator[Line]:
    """Pythons by platform, then the builds, then what belongs to it."""
    yield plain(f"{described.package} {described.version}", "strong")
    if described.wheels is None:
        yield plain(f"Unknown: {described.problem}", indent=2)
        yield from _notes(described)
        return
    yield plain(f"Requires-Python: {described.wheels.requires_python or 'not stated'}", indent=2)
    yield BLANK
    yield plain("Wheels on the package index", "strong")
    yield from _wheel_lines(described.wheels.wheels)
    if described.builds is not None:
        yield BLANK
        yield plain("Builds", "strong")
        yield from _build_lines(described.builds)
    for title, pairs in (("Belongs to it", described.companions), ("Asks for", described.asks)):
        if pairs:
            yield BLANK
            yield plain(title, "strong")
            for name, version in pairs:
                yield plain(f"{name} {version}", indent=2)
    for where, pairs in described.asks_on:
        yield BLANK
        yield plain(f"Asks for, on {' and '.join(where.split())}", "strong")
        yield Line(((", ".join(f"{name}{text}" for name, text in pairs), ""),), indent=2)
    yield from _notes(described)


def _build_lines(builds: tuple[Build, ...] | Unknown) -> Iterator[Line]:
    if isinstance(builds, Unknown):
        yield plain(told(builds), indent=2)
        return
    for build in builds:
        yield Line(((_build_text(build), ""),), lead=(f"{build.release.build} on {build.release.platform}: ", ""), indent=2)


def _notes(described: Described) -> Iterator[Line]:
    if described.notes:
        yield BLANK
        yield plain("Also known", "strong")
        for note in described.notes:
            yield Line(((note, ""),), lead=("• ", ""), indent=2)


def _wheel_lines(wheels: Any) -> Iterator[Line]:
    if not wheels:
        yield plain("none: only source", indent=2)
    for platform, sets in wheels.items():
        text = "; ".join(f"Python {', '.join(one.pythons)}{_floor(platform, one)}" for one in sets)
        yield Line(((text, ""),), lead=(f"{platform}: ", ""), indent=2)


def _floor(platform: str, wheels: WheelSet) -> str:
    name = {"linux": "glibc", "musl": "musl", "macos": "macOS"}.get(platform.partition("-")[0], "system")
    return f" ({name} {wheels.floor} or newer)" if wheels.floor is not None else ""


def _build_text(build: Build) -> str:
    release = build.release
    if release.flavour in {"cpu", "xpu"}:
        parts = ["for the processor" if release.flavour == "cpu" else "for Intel GPUs"]
    else:
        cuda = [] if release.cuda is None else [f"CUDA {told(release.cuda)}"]
        parts = [f"ROCm {release.rocm}"] if release.rocm is not None else cuda
        parts += [f"driver {told(build.driver)} or newer"] if build.driver is not None else []
        parts += [f"cuDNN {told(release.cudnn)}"] if release.cudnn is not None else []
        parts += (
            [f"compute capability {'.'.join(map(str, release.gpu_floor))} or higher"] if release.gpu_floor is not None else []
        )
        parts += [f"GPU code {' '.join(release.code)}"] if isinstance(release.code, tuple) else []
    parts += [f"extra [{release.extra}]"] if release.extra else []
    parts += [f"from {release.index}"] if release.index else []
    parts += [f"not confirmed by an official source: {' and '.join(release.doubts)}"] if release.doubts else []
    parts += [f"cannot be installed as published: {release.broken}"] if release.broken else []
    return ", ".join(parts)
