"""conda without conda: solves and changes an environment with py-rattler, as a program of its own.

`python -m envdoctor.install.rattler solve|install|remove --prefix DIR --channel URL ... [SPEC ...]` runs as a process of
envdoctor's interpreter, so that it is started, followed and ended like any other package manager. `solve` changes nothing
and writes a document of what would; the other two do it. Errors are one line that starts with `error:`, status 1.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from rattler import MatchSpec, PrefixRecord, RepoDataRecord

SCHEMA = "envdoctor.solution/1"
_FIXED = "python"
"""The package whose release line never changes under an environment: everything installed for it would be lost."""


def main(arguments: list[str]) -> int:
    """Run one command; the exit status."""
    asked = parser().parse_intermixed_args(arguments)
    if asked.library:
        sys.path.insert(0, asked.library)
    try:
        import rattler.exceptions
    except ImportError as error:
        return _fail(f'py-rattler is not there ({error}); install it: pip install "envdoctor[conda]"')
    own = (kind for kind in vars(rattler.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception))
    problems: tuple[type[Exception], ...] = (OSError, ValueError, *own)
    try:
        return asyncio.run(_run(asked))
    except KeyboardInterrupt:
        return 130
    except problems as error:
        return _fail(" ".join(str(error).split()) or type(error).__name__)


def parser() -> ArgumentParser:
    """The command line; also what the backend words."""
    import argparse

    parsing = argparse.ArgumentParser("envdoctor.install.rattler", allow_abbrev=False)
    parsing.add_argument("verb", choices=("solve", "install", "remove"))
    parsing.add_argument("--prefix", required=True)
    parsing.add_argument("--channel", action="append", default=[])
    parsing.add_argument("--platform", required=True)
    parsing.add_argument("--virtual", action="append", default=[], help="in place of what this machine is: __cuda=12.4")
    parsing.add_argument("--priority", choices=("strict", "flexible", "disabled"), default="strict")
    parsing.add_argument("--exact", action="store_true", help="nothing but what is named may be installed")
    parsing.add_argument(
        "--asked", action="append", default=[], help="what the person asked for, where that is not what is named"
    )
    parsing.add_argument("--drop", action="append", default=[], help="a package to remove, and what needs it")
    parsing.add_argument("--offline", action="store_true")
    parsing.add_argument("--insecure", action="store_true")
    parsing.add_argument("--library", help="the folder that py-rattler was put into")
    parsing.add_argument("--output")
    parsing.add_argument("specs", nargs="*")
    return parsing


async def _run(asked: Namespace) -> int:
    installed: list[Any] = _installed(asked.prefix)
    records: list[Any]
    if asked.verb == "remove":
        records = without(installed, set(asked.specs))
    else:
        records = await _solve(asked, without(installed, set(asked.drop)))
    if asked.exact:
        _need_named(records, installed, asked.specs)
    if asked.verb == "solve":
        _tell(asked.output, solution(records, installed))
        return 0
    await _install(asked, records, installed)
    return 0


async def _solve(asked: Namespace, installed: list[Any]) -> list[Any]:
    """What shall be in the environment: what is there stays as it is where that goes together with what is asked for."""
    from rattler import Channel, ChannelPriority, MatchSpec, Subdir, solve

    named = {_name_of(spec) for spec in asked.specs}
    kept = [_keeping(record) for record in installed if record.name.normalized not in named]
    return await solve(
        sources=[Channel(channel) for channel in asked.channel],
        specs=[MatchSpec(spec) for spec in (*asked.specs, *kept)],
        gateway=_gateway(asked),
        platforms=[Subdir(asked.platform), Subdir("noarch")],
        locked_packages=installed,
        virtual_packages=_virtual(asked.virtual),
        constraints=_pinned(asked.prefix),
        channel_priority=ChannelPriority.Disabled if asked.priority == "disabled" else ChannelPriority.Strict,
        add_pip_as_python_dependency=False,
    )


def _keeping(record: PrefixRecord) -> str:
    """The demand that what is there stays in some version; of Python, in its release line."""
    name = record.name.normalized
    line = ".".join(str(record.version).split(".")[:2])
    return f"{name} {line}.*" if name == _FIXED else name


def _name_of(spec: str) -> str:
    for number, letter in enumerate(spec):
        if letter in " =<>!~[":
            return spec[:number].lower()
    return spec.lower()


def without(installed: list[PrefixRecord], names: set[str]) -> list[PrefixRecord]:
    """What is left when packages go, together with all that needs them."""
    gone = {name for name in names if any(record.name.normalized == name for record in installed)}
    grew = bool(gone)
    while grew:
        needing = {
            record.name.normalized
            for record in installed
            if record.name.normalized not in gone and any(_name_of(need) in gone for need in record.depends)
        }
        gone, grew = gone | needing, bool(needing)
    return [record for record in installed if record.name.normalized not in gone]


def solution(records: Sequence[RepoDataRecord], installed: Sequence[PrefixRecord]) -> dict[str, Any]:
    """The document of what would change: packages that come, with their files, and those that go."""
    there = {_identity(record) for record in installed}
    wanted = {record.name.normalized for record in records}
    coming = [record for record in records if _identity(record) not in there]
    return {
        "schema": SCHEMA,
        "install": [_described(record) for record in sorted(coming, key=lambda record: record.name.normalized)],
        "remove": sorted(record.name.normalized for record in installed if record.name.normalized not in wanted),
        "kept": len(records) - len(coming),
        "python": sorted(_python_packages(records)),
    }


def _described(record: RepoDataRecord) -> dict[str, Any]:
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "channel": record.channel,
        "url": record.url,
        "size": record.size,
        "sha256": record.sha256.hex() if record.sha256 else None,
        "needs": list(record.depends),
    }


def _python_packages(records: Sequence[RepoDataRecord]) -> set[str]:
    """Packages that need Python, and so may be distributions that pip sees."""
    return {record.name.normalized for record in records if any(_name_of(need) == "python" for need in record.depends)}


def _identity(record: Any) -> tuple[str, str, str]:
    return record.name.normalized, str(record.version), str(record.build)


def _need_named(records: list[Any], installed: list[Any], specs: list[str]) -> None:
    """Refuse what was not in the plan.

    Raises:
        ValueError: the channels have changed since.
    """
    there, named = {_identity(record) for record in installed}, {_name_of(spec) for spec in specs}
    others = [record for record in records if _identity(record) not in there and record.name.normalized not in named]
    if others:
        raise ValueError(f"the channels have changed since the plan was made: {others[0].name.normalized} would come as well")


async def _install(asked: Namespace, records: list[Any], installed: list[Any]) -> None:
    from rattler import Client, Config, Subdir, install

    from envdoctor.install.rattler_telling import LinkTeller, need_intact, note_history, sweep_bytecode

    there = {_identity(record) for record in installed}
    coming = [record for record in records if _identity(record) not in there]
    if not coming and len(records) == len(installed):
        return
    need_intact(coming)
    config = Config.from_toml("tls-no-verify = true" if asked.insecure else "")
    await install(
        records=records,
        target_prefix=asked.prefix,
        installed_packages=installed,
        platform=Subdir(asked.platform),
        execute_link_scripts=True,
        show_progress=False,
        client=_offline_client() if asked.offline else Client.from_config(config),
        reporter=LinkTeller(),
        config=config,
    )
    gone = [record for record in installed if _identity(record) not in {_identity(one) for one in records}]
    sweep_bytecode(asked.prefix, gone)
    note_history(asked.prefix, coming, gone, asked.verb, asked.asked or asked.specs)


def _installed(prefix: str) -> list[PrefixRecord]:
    from pathlib import Path

    from rattler import PrefixRecord

    folder = os.path.join(prefix, "conda-meta")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [PrefixRecord.from_path(Path(folder, name)) for name in names if name.endswith(".json")]


def _pinned(prefix: str) -> list[MatchSpec]:
    """What the person has pinned in `conda-meta/pinned`; conda holds to it, and so do we."""
    from rattler import MatchSpec

    path = os.path.join(prefix, "conda-meta", "pinned")
    if not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.partition("#")[0].strip() for line in file]
    return [MatchSpec(line) for line in lines if line]


def _virtual(stated: list[str]) -> list[Any]:
    from rattler import GenericVirtualPackage, PackageName, Version, VirtualPackage, VirtualPackageOverrides
    from rattler.package import BuildString

    if not stated:
        return list(VirtualPackage.detect(VirtualPackageOverrides.from_env()))
    parts = [(*one.split("="), "0")[:3] for one in stated]
    return [GenericVirtualPackage(PackageName(name), Version(version), BuildString(build)) for name, version, build in parts]


def _gateway(asked: Namespace) -> Any:
    from rattler import Client, Config, Gateway
    from rattler.repo_data.gateway import SourceConfig

    if asked.offline:
        return Gateway(default_config=SourceConfig(cache_action="force-cache-only"), client=_offline_client())
    config = Config.from_toml("tls-no-verify = true" if asked.insecure else "")
    return Gateway(client=Client.from_config(config, max_retries=2))


def _offline_client() -> Any:
    """A client that asks nothing of any network: every request ends before it is sent."""
    from rattler import Client
    from rattler.networking.middleware import AddHeadersMiddleware

    def refuse(host: str, _path: str) -> None:
        raise ConnectionError(f"--offline: {host} is not asked")

    return Client([AddHeadersMiddleware(refuse)])


def _tell(path: str | None, document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=1) + "\n"
    if path is None:
        sys.stdout.write(text)
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return 1


def _leave(status: int) -> None:
    """End at once: threads of py-rattler that still run while Python takes itself apart can abort the process (seen)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _leave(main(sys.argv[1:]))
