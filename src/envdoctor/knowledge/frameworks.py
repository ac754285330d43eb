"""Every framework through one door: the builds of a release of torch, tensorflow, jax, onnxruntime and their kin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.gpus import parse_capability
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import torch_builds
from envdoctor.knowledge.wheels import PackageRelease, package_release, package_versions, row_in_force
from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.unknown import Unknown

Builds = tuple[Release, ...] | Unknown | None


def builds_of(knowledge: Knowledge, package: str, version: Version) -> Builds:
    """Every build of a release, for all platforms; the package index's default of a platform comes before others.

    None where there is no such release, Unknown for a package or version outside the tables.
    """
    return knowledge.once(("builds", package, version), lambda: _builds_of(knowledge, package, version))


def _builds_of(knowledge: Knowledge, package: str, version: Version) -> Builds:
    if package == "torch":
        return torch_builds(knowledge, version)
    there = package_release(knowledge, package, version)
    if there is None or isinstance(there, Unknown):
        return there
    if package in knowledge.tables["extensions"]["builds"]:
        return tuple(_extension(knowledge, there))
    return tuple(_DESCRIBED.get(package, _plain)(knowledge, there))


def has_builds(knowledge: Knowledge, package: str) -> bool:
    """Whether the tables tell builds of a package apart; of others they know which wheels there are."""
    return package == "torch" or package in _DESCRIBED or package in knowledge.tables["extensions"]["builds"]


def releases(knowledge: Knowledge, package: str, platform: str | None = None) -> tuple[Release, ...]:
    """Every build of every release that the tables know, newest first; empty for a package that they do not know.

    Pre-releases are left out.
    """

    def gather() -> tuple[Release, ...]:
        found: list[Release] = []
        for version in reversed(package_versions(knowledge, package)):
            builds = () if version.is_prerelease else builds_of(knowledge, package, version)
            found += builds if isinstance(builds, tuple) else ()
        return tuple(found)

    every = knowledge.once(f"releases.{package}", gather)
    return tuple(release for release in every if platform is None or release.platform == platform)


def _platforms(there: PackageRelease) -> tuple[str, ...]:
    pure = ("linux-x86_64", "linux-aarch64", "windows-x86_64", "windows-arm64", "macos-arm64", "macos-x86_64")
    return tuple(platform for platform in pure if there.on(platform))


def _plain(_knowledge: Knowledge, there: PackageRelease) -> Iterator[Release]:
    """A package whose wheels are all for the processor, as far as the tables say."""
    musl = ("musl-x86_64",) if there.on("musl-x86_64") else ()
    for platform in (*_platforms(there), *musl):
        yield _on(there, platform, "cpu")


def _on(there: PackageRelease, platform: str, build: str, **more: Any) -> Release:
    return Release(
        package=there.package,
        version=there.version,
        build=build,
        platform=platform,
        wheels=more.pop("wheels", there.on(platform)),
        requires_python=there.requires_python,
        **{"source": "file names on the package index", **more},
    )


def _tensorflow(knowledge: Knowledge, there: PackageRelease) -> Iterator[Release]:
    """One GPU build for Linux x86_64, and for Windows up to 2.10; with and without the extra that brings CUDA."""
    table = knowledge.tables["tensorflow"]
    windows_last = Version(table["windows_cuda_last"]["version"])
    for platform in _platforms(there):
        on_gpu = platform == "linux-x86_64" or (platform == "windows-x86_64" and there.version <= windows_last)
        if not on_gpu:
            yield _on(there, platform, "cpu")
            continue
        about = _gpu_build(table["releases"]["source"], _spread_row(knowledge, "tensorflow", there.version))
        yield _on(there, platform, "cuda", **about)
        row = _extra_row(table["extra"], there.version)
        if platform == "linux-x86_64" and row is not None:
            about.update(cudnn=row["cudnn"], broken=row.get("broken"), extra=table["extra"]["name"])
            yield _on(there, platform, "cuda", **about)


def _onnxruntime_gpu(knowledge: Knowledge, there: PackageRelease) -> Iterator[Release]:
    about = _gpu_build(
        knowledge.tables["onnxruntime"]["releases"]["source"], _spread_row(knowledge, "onnxruntime", there.version)
    )
    for platform in _platforms(there):
        doubts = () if platform == "linux-x86_64" else ("code",)
        yield _on(there, platform, "cuda", **{**about, "doubts": doubts})


def _extension(knowledge: Knowledge, there: PackageRelease) -> Iterator[Release]:
    """A package that is made for one CUDA major: vllm, cupy, cudf."""
    table = knowledge.tables["extensions"]["builds"][there.package]
    row = row_in_force(table["rows"], there.version) or {}
    unknown = Unknown(f"the build of {there.package} {there.version} is not in the knowledge base")
    for platform in _platforms(there):
        yield _on(
            there,
            platform,
            "cuda",
            cuda=Version(row["cuda"]) if "cuda" in row else unknown,
            code=tuple(row["code"].split()) if "code" in row and platform == "linux-x86_64" else unknown,
            gpu_floor=parse_capability(row["gpu_floor"]) if "gpu_floor" in row else None,
            driver=DriverVersion(row["driver"]) if "driver" in row else None,
            source=table["source"],
        )


def _jax(knowledge: Knowledge, there: PackageRelease) -> Iterator[Release]:
    """The jax package is pure Python: jaxlib of the same version decides on platforms, a plugin on GPUs."""
    library = _same_or_before(knowledge, "jaxlib", there.version)
    if library is None:
        return
    for platform in _platforms(library):
        yield _on(there, platform, "cpu", wheels=library.on(platform))
    for row in knowledge.tables["jax"]["builds"]["rows"]:
        plugin = _same_or_before(knowledge, row["plugin"], there.version)
        if plugin is None:
            continue
        for platform in plugin.wheels:
            yield _on(there, platform, row["build"], **_jax_build(knowledge, row, there.version), wheels=plugin.on(platform))


def _jax_build(knowledge: Knowledge, row: dict[str, Any], version: Version) -> dict[str, Any]:
    asking = [asked for asked in knowledge.tables["jax"]["cudnn"]["rows"] if asked["build"] == row["build"]]
    asked = row_in_force(asking, version)
    return {
        "extra": row["build"],
        "cuda": Version(row["cuda"]),
        "cudnn": asked["cudnn"] if asked else Unknown(f"the cuDNN that jax {version} asks for is not in the knowledge base"),
        "code": tuple(row["code"].split()),
        "gpu_floor": parse_capability(row["gpu_floor"]),
        "doubts": () if version.release[:3] == Version(row["code_read_in"]).release[:3] else ("code",),
        "source": knowledge.tables["jax"]["builds"]["source"],
    }


def _same_or_before(knowledge: Knowledge, package: str, version: Version) -> PackageRelease | None:
    """The release of a sister package that has the same number or the nearest before it in the same minor version."""
    fitting = [
        known
        for known in package_versions(knowledge, package)
        if known.release[:2] == version.release[:2] and known.release[:3] <= version.release[:3]
    ]
    found = package_release(knowledge, package, fitting[-1]) if fitting else None
    return None if isinstance(found, Unknown) else found


def _gpu_build(source: str, row: dict[str, Any] | None) -> dict[str, Any]:
    """What the table says of one GPU build; a part that it does not say is Unknown."""
    row = row or {}
    unknown = Unknown("the tables do not say")
    return {
        "cuda": Version(row["cuda"]) if "cuda" in row else unknown,
        "cudnn": f"=={row['cudnn']}.*" if "cudnn" in row else unknown,
        "code": tuple(row["code"].split()) if row.get("code") else unknown,
        "source": row.get("source", source),
    }


def _spread_row(knowledge: Knowledge, table: str, version: Version) -> dict[str, Any] | None:
    def spread() -> dict[Version, dict[str, Any]]:
        rows = knowledge.tables[table]["releases"]["rows"]
        return {Version(one): row for row in rows for one in row["versions"].split()}

    return knowledge.once(f"{table}.rows", spread).get(version)


def _extra_row(table: dict[str, Any], version: Version) -> dict[str, Any] | None:
    return next((row for row in table["rows"] if str(version) in row["versions"].split()), None)


_DESCRIBED: dict[str, Callable[[Knowledge, PackageRelease], Iterator[Release]]] = {
    "tensorflow": _tensorflow,
    "tensorflow-gpu": _tensorflow,
    "jax": _jax,
    "onnxruntime-gpu": _onnxruntime_gpu,
}
