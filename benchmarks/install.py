"""What `envdoctor install` costs beyond the pip or uv commands that a person would type, side by side.

    python benchmarks/install.py --envdoctor VENV/bin/envdoctor [--profile datascience] [--into ENV] [--rounds 3] [--json FILE]

Each round makes a new environment twice, by the bare commands (`python -m venv` and `pip install`, `uv venv` and `uv pip
install`, with the requirements that the plan shows) and by `envdoctor install`, from the same indexes and warm caches; which
of the two comes first changes from round to round. With --into a copy of an existing environment is changed in place of
making one. What verification takes (looking at the facts again, importing, computing) is subtracted: that is what `install`
is for, not what it costs. The rest is overhead: planning, resolving beforehand, putting pip beside uv's packages, keeping
the old environment, and the receipt; what of it is the transaction's is printed apart. Processor time is that of all
processes; it includes verification, for what that takes of it is not told.

On a busy machine medians are those of the machine: there the quickest round of each, and processor time, say more.

Exit status 1 where the median overhead is more than 10% of the bare command and more than 2 s.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

SHARE, SECONDS = 0.10, 2.0
OF_THE_TRANSACTION = ("keep", "note")
VERIFICATION = ("look", "verify")


class Run(NamedTuple):
    """What one way took."""

    wall_s: float
    processor_s: float
    parts: dict[str, float]


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="envdoctor-bench-", dir=options.place) as folder:
        results = [measure(backend, options, Path(folder)) for backend in options.backend.split(",")]
    for result in results:
        show(result)
    if options.json:
        Path(options.json).write_text(json.dumps({"profile": options.profile, "results": results}, indent=2) + "\n")
    return 0 if all(result["met"] for result in results) else 1


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envdoctor", required=True, help="the installed command")
    parser.add_argument("--profile", default="datascience", help="a name or a file")
    parser.add_argument("--into", help="an existing environment, of which a copy is changed")
    parser.add_argument("--backend", default="uv,pip")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--place", help="a folder for the environments; on the file system where they usually are")
    parser.add_argument("--option", action="append", default=[], help="more for envdoctor install: --option=--force")
    parser.add_argument("--json", help="write the figures to this file")
    return parser.parse_args()


def measure(backend: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Both, in turn, round after round; the first round only warms the caches."""
    bare: list[Run] = []
    whole: list[Run] = []
    commands = plan_commands(backend, options, folder)
    for place in range(-1, options.rounds):
        pair = [lambda: run_bare(commands, options, folder), lambda: run_envdoctor(backend, options, folder)]
        ran = {turn: pair[turn]() for turn in ((0, 1) if place % 2 == 0 else (1, 0))}
        if place >= 0:
            bare.append(ran[0])
            whole.append(ran[1])
            print(f"{backend} {place}: bare {ran[0].wall_s:.2f} s, install {ran[1].wall_s:.2f} s", file=sys.stderr)
    overhead = [one.wall_s - other.wall_s for one, other in zip(whole, bare, strict=True)]
    middle = statistics.median(one.wall_s for one in bare)
    return {
        "backend": backend,
        "rounds": options.rounds,
        "bare_s": middle,
        "install_without_verification_s": statistics.median(one.wall_s for one in whole),
        "overhead_s": statistics.median(overhead),
        "ratio": statistics.median(overhead) / middle,
        "least_bare_s": min(one.wall_s for one in bare),
        "least_install_s": min(one.wall_s for one in whole),
        "bare_processor_s": statistics.median(one.processor_s for one in bare),
        "install_processor_s": statistics.median(one.processor_s for one in whole),
        "transaction_s": statistics.median(sum(one.parts[part] for part in OF_THE_TRANSACTION) for one in whole),
        "verification_s": statistics.median(sum(one.parts[part] for part in VERIFICATION) for one in whole),
        "met": statistics.median(overhead) <= max(SHARE * middle, SECONDS),
    }


def fresh(options: argparse.Namespace, folder: Path) -> Path:
    """A place for an environment: nothing, or a copy of the one that is to be changed."""
    environment = folder / "e"
    for path in (environment, *folder.glob(".e.envdoctor-*")):
        shutil.rmtree(path, ignore_errors=True)
    if options.into:
        shutil.copytree(options.into, environment, symlinks=True)
    return environment


def plan_commands(backend: str, options: argparse.Namespace, folder: Path) -> list[list[str]]:
    """What a person would type: the commands of the plan, with what was asked for in place of what was resolved.

    That is `uv venv` without the pip that envdoctor puts into it.
    """
    environment = fresh(options, folder)
    plan = json.loads(run([*asked("plan", backend, options), "--env", str(environment), "--format", "json"]))
    commands = []
    for step in plan["steps"]:
        pins = set(step["pins"] or ())
        for command in step["commands"][: 1 if step["action"] == "create-environment" else None]:
            exact = [word for word in command if word in pins]
            words = [word for word in command if word not in pins and word != "--no-deps"]
            commands.append([*words, *(step["requirements"] if exact else [])])
    return commands


def asked(verb: str, backend: str, options: argparse.Namespace) -> list[str]:
    """The command line of envdoctor, but for the environment and the format."""
    return [options.envdoctor, verb, options.profile, "--backend", backend, *options.option]


def run_bare(commands: list[list[str]], options: argparse.Namespace, folder: Path) -> Run:
    """The bare commands."""
    fresh(options, folder)
    start, before = time.monotonic(), processor_time()
    for command in commands:
        run(command)
    return Run(time.monotonic() - start, processor_time() - before, {})


def run_envdoctor(backend: str, options: argparse.Namespace, folder: Path) -> Run:
    """The install, with each of its parts; what verification takes does not count."""
    environment = fresh(options, folder)
    start, before = time.monotonic(), processor_time()
    said = json.loads(run([*asked("install", backend, options), "--env", str(environment), "--yes", "--format", "json"]))
    wall_s, parts = time.monotonic() - start, dict(said["seconds"])
    return Run(wall_s - sum(parts[part] for part in VERIFICATION), processor_time() - before, parts)


def processor_time() -> float:
    """Of all children that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list[str]) -> str:
    """Run a command to its end; what it printed."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\nended with {ran.returncode}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return ran.stdout


def show(result: dict[str, Any]) -> None:
    """One backend's figures."""
    met = "met" if result["met"] else "MISSED"
    print(f"{result['backend']}: bare {result['bare_s']:.2f} s, install {result['install_without_verification_s']:.2f} s")
    print(f"  overhead {result['overhead_s']:+.2f} s ({result['ratio']:+.0%}), at most {SHARE:.0%} or {SECONDS:g} s: {met}")
    print(
        f"  processor: bare {result['bare_processor_s']:.1f} s, install with verification {result['install_processor_s']:.1f} s"
    )
    print(f"  of it the transaction {result['transaction_s']:.2f} s; verification, not counted, {result['verification_s']:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
