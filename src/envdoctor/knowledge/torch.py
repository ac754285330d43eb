"""PyTorch: builds of every release, the packages that go with each, and where its GPU backends start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from envdoctor.knowledge.amd import wheel_targets
from envdoctor.knowledge.gpus import parse_capability
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.wheels import (
    PackageRelease,
    WheelSet,
    package_release,
    package_versions,
    parse_wheel_set,
    row_in_force,
)
from envdoctor.model.record import record
from envdoctor.model.unknown import SUPPOSED, Unknown

if TYPE_CHECKING:
    from envdoctor.model.facts import ComputeCapability, Framework

_LISTED = re.compile(r"cpu|xpu|cu\d{3}")
COMPANIONS = ("torchvision", "torchaudio", "torchtext")
ROCM_PLATFORM = "linux-x86_64"
"""The one that PyTorch's index has ROCm builds for. Source: https://pytorch.org/get-started/previous-versions/"""


@record
class MpsFloor:
    """The macOS from which torch's GPU backend works."""

    macos: Version
    unsure_from: Version | None
    """From here up to `macos` it may; None where that is certain."""
    source: str


def torch_builds(knowledge: Knowledge, version: Version) -> tuple[Release, ...] | Unknown | None:
    """Every build of a torch release; None where there is no such release, Unknown for one outside the tables."""
    there = package_release(knowledge, "torch", version)
    if there is None or isinstance(there, Unknown):
        return there
    row = _rows(knowledge).get(str(there.version.public))
    if row is None:
        return Unknown(f"the builds of torch {version} are not in the knowledge base")
    return knowledge.once(f"torch.builds.{there.version.public}", lambda: tuple(_builds(knowledge, there, row)))


def torch_release(knowledge: Knowledge, version: Version, platform: str) -> Release | Unknown | None:
    """The build that a version names on a platform: of `2.9.1+cu128` that one, of `2.9.1` the package index's default.

    None where there is none; Unknown where the tables do not say.
    """
    builds = torch_builds(knowledge, version)
    if builds is None or isinstance(builds, Unknown):
        return builds
    here = [build for build in builds if build.platform == platform]
    if version.local is None:
        return next((build for build in here if build.is_default), None)
    named = next((build for build in here if build.build == version.local and not build.is_default), None)
    if named is None and version.local.startswith("rocm") and platform != ROCM_PLATFORM:
        return None
    if named is None and (all(build.is_default for build in here) or not _is_complete(knowledge, version)):
        return Unknown(f"whether PyTorch's index has torch {version} for {platform} is not in the knowledge base")
    return named


def _is_complete(knowledge: Knowledge, version: Version) -> bool:
    """Whether the tables list every build of that kind: not those for ROCm on Linux, or of anyone but PyTorch."""
    row = _row(knowledge, version)
    return _LISTED.fullmatch(version.local or "") is not None and isinstance(row, dict) and not row.get("index_unverified")


def companions(knowledge: Knowledge, version: Version) -> dict[str, Version] | Unknown | None:
    """The torchvision, torchaudio and torchtext made for a torch release; a name that is missing has none any more.

    None where there is no such release.
    """

    def read() -> dict[str, Version] | Unknown | None:
        row = _row(knowledge, version)
        return row if not isinstance(row, dict) else {name: Version(text) for name, text in row["companions"].items()}

    return knowledge.lately("torch.companions", version, read)


def torch_of_companion(knowledge: Knowledge, package: str, version: Version) -> tuple[Version, ...]:
    """The torch releases that a companion was made for, oldest first; empty where the tables do not know it."""

    def turn() -> dict[tuple[str, str], list[Version]]:
        made_for: dict[tuple[str, str], list[Version]] = {}
        older = ((row["versions"], row) for row in knowledge.tables["torch"]["old_companions"]["rows"])
        for torch, row in (*older, *_rows(knowledge).items()):
            for name, text in row["companions"].items():
                made_for.setdefault((name, text), []).append(Version(torch))
        return made_for

    return tuple(knowledge.once("torch.of_companion", turn).get((package, version.public), ()))


def newest_cuda(knowledge: Knowledge, version: Version) -> Version | None:
    """The newest CUDA that a build of an old torch release can have; None for releases of which every build is listed.

    None, too, for what somebody built alone (`1.6.0a0+9907a3e` of NVIDIA's containers).
    """
    if version.is_prerelease or (version.local is not None and not _LISTED.match(version.local)):
        return None
    rows = knowledge.tables["torch"]["newest_cuda"]["rows"]
    return next((Version(row["cuda"]) for row in rows if version < Version(row["below"])), None)


def oldest_gpu(knowledge: Knowledge, version: Version) -> ComputeCapability | None:
    """The oldest GPU that a build of an old torch release served; None for releases of which every build is listed."""
    rows = knowledge.tables["torch"]["oldest_gpu"]["rows"]
    found = next((row["cc"] for row in rows if Version(row["from"]) <= version < Version(row["below"])), None)
    return parse_capability(found) if found is not None else None


def cuda_at_most(knowledge: Knowledge, framework: Framework) -> Version | None:
    """The CUDA of a framework where it is stated, else the newest that its release of torch can have; None if neither tells."""
    if isinstance(framework.cuda_version, Version) and SUPPOSED not in framework.source:
        return framework.cuda_version
    if framework.name != "torch" or framework.flavour in {"cpu", "rocm"} or not isinstance(framework.version, Version):
        return None
    return newest_cuda(knowledge, framework.version)


def triton_range(knowledge: Knowledge, version: Version) -> str | Unknown | None:
    """The triton that a torch release pins on Linux: `==3.5.1`, `~=3.9.0`; None where it pins none."""
    row = _row(knowledge, version)
    return row.get("triton") if isinstance(row, dict) else row


def mps_floor(knowledge: Knowledge, version: Version) -> MpsFloor | Unknown | None:
    """The macOS that a torch release's GPU backend needs on Apple silicon; None before there was one (1.12)."""
    versions = package_versions(knowledge, "torch")
    if Version(version.public) > versions[-1]:
        return Unknown(f"torch {version} is not in the knowledge base")
    table = knowledge.tables["torch"]["mps"]
    row = row_in_force(table["rows"], version)
    if row is None:
        return None
    unsure = row.get("unsure_from")
    return MpsFloor(Version(row["macos"]), Version(unsure) if unsure else None, row.get("source", table["source"]))


def _row(knowledge: Knowledge, version: Version) -> dict[str, Any] | Unknown | None:
    """The table's row for a release, the local part left aside; None where there is no such release."""
    there = package_release(knowledge, "torch", version)
    if there is None or isinstance(there, Unknown):
        return there
    return _rows(knowledge).get(there.version.public) or Unknown(f"torch {version} is not in the knowledge base")


def _rows(knowledge: Knowledge) -> dict[str, dict[str, Any]]:
    def spread() -> dict[str, dict[str, Any]]:
        rows = knowledge.tables["torch"]["releases"]["rows"]
        return {version: row for row in rows for version in row["versions"].split()}

    return knowledge.once("torch.rows", spread)


def _builds(knowledge: Knowledge, there: PackageRelease, row: dict[str, Any]) -> Iterator[Release]:
    for platform, build in row["default"].items():
        yield _release(knowledge, there, row, platform, build, None)
    address = knowledge.tables["torch"]["index"]
    for platform, builds in row["index"].items():
        for build in builds.split():
            yield _release(knowledge, there, row, platform, build, address.replace("{build}", build))


def _release(
    knowledge: Knowledge, there: PackageRelease, row: dict[str, Any], platform: str, build: str, index: str | None
) -> Release:
    unsure = row.get("index_unverified") or build in row.get("index_unsure", {}).get(platform, "").split()
    doubts = ["index"] if index is not None and unsure else []
    code, code_is_sure = _code(knowledge, there.version.public, build, platform)
    if not code_is_sure:
        doubts.append("code")
    glibc = row.get("glibc")
    if index is not None and build in row.get("index_glibc", {}):
        glibc = row["index_glibc"][build]
        doubts.append("glibc")
    return Release(
        package="torch",
        version=Version(there.version.public),
        build=build,
        platform=platform,
        wheels=_index_wheels(row, platform) or there.on(platform) if index is not None else there.on(platform),
        index=index,
        requires_python=there.requires_python,
        cuda=Version(f"{build[2:-1]}.{build[-1]}") if build.startswith("cu") else None,
        rocm=Version(build[4:]) if build.startswith("rocm") else None,
        cudnn=_cudnn(knowledge, there.version, build),
        code=code,
        glibc=Version(glibc) if glibc else None,
        doubts=tuple(doubts),
        source=row.get("index_source", "") if index else knowledge.tables["torch"]["releases"]["source"],
    )


def _index_wheels(row: dict[str, Any], platform: str) -> tuple[WheelSet, ...]:
    """The wheels of PyTorch's index where they are for other Pythons than those of the package index."""
    cell = row.get("index_wheels", {}).get(platform)
    return (parse_wheel_set(cell),) if cell else ()


def _code(knowledge: Knowledge, version: str, build: str, platform: str) -> tuple[tuple[str, ...] | Unknown | None, bool]:
    """The GPU code of a build, and whether an official source states it. Windows builds are assumed to be like Linux ones."""
    if build in {"cpu", "xpu"}:
        return None, True
    if build.startswith("rocm"):
        targets = wheel_targets(knowledge, Version(build[4:]))
        return (targets, True) if isinstance(targets, Unknown) else (targets.gfx, targets.certain)
    read_on = "linux-x86_64" if platform.startswith("windows") else platform
    row = _code_rows(knowledge).get((version, build, read_on))
    if row is None:
        return Unknown(f"the GPU code of torch {version}+{build} for {platform} is not in the knowledge base"), True
    return tuple(row["code"].split()), read_on == platform and not row.get("unverified")


def _code_rows(knowledge: Knowledge) -> dict[tuple[str, str, str], dict[str, Any]]:
    def spread() -> dict[tuple[str, str, str], dict[str, Any]]:
        rows = knowledge.tables["torch"]["code"]["rows"]
        return {(version, row["build"], row["platform"]): row for row in rows for version in row["versions"].split()}

    return knowledge.once("torch.code", spread)


def _cudnn(knowledge: Knowledge, version: Version, build: str) -> str | Unknown | None:
    if not build.startswith("cu"):
        return None
    minor = f"{version.major}.{version.minor}"
    rows = knowledge.tables["torch"]["cudnn"]["rows"]
    pinned = next((row.get(build) for row in rows if row["torch"] == minor), None)
    return f"=={pinned}" if pinned else Unknown(f"the cuDNN of torch {minor}+{build} is not in the knowledge base")
