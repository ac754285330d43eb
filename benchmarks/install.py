"""What `envdoctor install` costs beyond the pip or uv commands that a person would type, side by side.

    python benchmarks/install.py --envdoctor VENV/bin/envdoctor [--profile datascience] [--rounds 5] [--json FILE]
    ... --backend uv,pip --task new,change --cache warm,cold

Each round does a task twice, by the bare commands (`python -m venv` and `pip install`, `uv venv` and `uv pip install`, with
the requirements that the plan shows) and by `envdoctor install`, from the same indexes and the same state of the package
manager's cache; which of the two comes first changes from round to round.

- `new` makes an environment for the profile.
- `change` adds one small package (CHANGE) with what it needs to an environment that has the profile's packages: what is
  shared by both, copying that environment for each turn, is not measured.
- `warm` caches hold every file; `cold` ones are emptied before each turn. What envdoctor itself keeps (a newer pip, sizes of
  archives) is there either way.

What verification takes (looking at the facts again, importing, computing) is subtracted: that is what `install` is for, not
what it costs. The rest is overhead: planning, resolving beforehand, putting pip beside uv's packages, keeping the old
environment, and the receipt; what of it is the transaction's is printed apart. Processor time is that of all processes; it
includes verification, for what that takes of it is not told.

Each turn has a place of its own, and all are removed at the end: with `--rounds 5` that is up to a dozen environments for each
case, and for emptied caches as many caches.

On a busy machine medians are those of the machine: there the quickest round of each says more.

Exit status 1 where an overhead is more than 10% of the bare command or more than 2 s, by the medians.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

SHARE, SECONDS = 0.10, 2.0
OF_THE_TRANSACTION = ("keep", "note")
VERIFICATION = ("look", "verify")
CHANGE = """title: One package more
packages:
  - seaborn>=0.13
imports: [seaborn]
"""
"""A profile of one package, which needs nothing that `datascience` has not brought."""
CACHES = ("UV_CACHE_DIR", "PIP_CACHE_DIR")
PLACE = "{environment}"
"""Stands for the environment in commands that are run in one place after another."""


class Run(NamedTuple):
    """What one way took."""

    wall_s: float
    processor_s: float
    parts: dict[str, float]


class Case(NamedTuple):
    """One thing to be measured."""

    backend: str
    task: str
    cache: str
    profile: str
    into: Path | None
    """The environment that a copy of is changed."""

    def __str__(self) -> str:
        what = "new environment" if self.into is None else "small change"
        return f"{self.backend}, {what}, {self.cache} cache"


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    options = read_options()
    results = []
    with tempfile.TemporaryDirectory(prefix="envdoctor-bench-", dir=options.place) as folder:
        for case in cases(options, Path(folder)):
            results.append(measure(case, options, Path(folder)))
            show(results[-1])
    if options.json:
        Path(options.json).write_text(json.dumps({"profile": options.profile, "results": results}, indent=2) + "\n")
    return 0 if all(result["share_met"] and result["seconds_met"] for result in results) else 1


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envdoctor", required=True, help="the installed command")
    parser.add_argument("--profile", default="datascience", help="a name or a file")
    parser.add_argument("--backend", default="uv,pip")
    parser.add_argument("--task", default="new,change")
    parser.add_argument("--cache", default="warm,cold")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--place", help="a folder for the environments; on the file system where they usually are")
    parser.add_argument("--option", action="append", default=[], help="more for envdoctor install: --option=--force")
    parser.add_argument("--json", help="write the figures to this file")
    return parser.parse_args()


def cases(options: argparse.Namespace, folder: Path) -> Iterator[Case]:
    """What is asked for."""
    change, base = folder / "change.yaml", folder / "base"
    change.write_text(CHANGE)
    for backend, task, cache in product(options.backend.split(","), options.task.split(","), options.cache.split(",")):
        if task == "new":
            yield Case(backend, task, cache, options.profile, None)
            continue
        if not base.exists():
            run([options.envdoctor, "install", options.profile, "--env", str(base), "--yes", *options.option])
        yield Case(backend, task, cache, str(change), base)


def measure(case: Case, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Both, in turn, round after round; the first round only warms the caches."""
    bare: list[Run] = []
    whole: list[Run] = []
    commands = plan_commands(case, options, folder)
    for place in range(-1 if case.cache == "warm" else 0, options.rounds):
        pair = [lambda: run_bare(commands, case, folder), lambda: run_envdoctor(case, options, folder)]
        ran = {turn: pair[turn]() for turn in ((0, 1) if place % 2 == 0 else (1, 0))}
        if place >= 0:
            bare.append(ran[0])
            whole.append(ran[1])
            print(f"{case} {place}: bare {ran[0].wall_s:.2f} s, install {ran[1].wall_s:.2f} s", file=sys.stderr)
    return compared(case, bare, whole)


def compared(case: Case, bare: list[Run], whole: list[Run]) -> dict[str, Any]:
    """The figures of a case."""
    overhead = statistics.median(one.wall_s - other.wall_s for one, other in zip(whole, bare, strict=True))
    middle = statistics.median(one.wall_s for one in bare)
    return {
        "case": str(case),
        "rounds": len(bare),
        "bare_s": middle,
        "install_without_verification_s": statistics.median(one.wall_s for one in whole),
        "overhead_s": overhead,
        "ratio": overhead / middle,
        "least_bare_s": min(one.wall_s for one in bare),
        "least_install_s": min(one.wall_s for one in whole),
        "bare_processor_s": statistics.median(one.processor_s for one in bare),
        "install_processor_s": statistics.median(one.processor_s for one in whole),
        "transaction_s": statistics.median(sum(one.parts[part] for part in OF_THE_TRANSACTION) for one in whole),
        "verification_s": statistics.median(sum(one.parts[part] for part in VERIFICATION) for one in whole),
        "share_met": overhead <= SHARE * middle,
        "seconds_met": overhead <= SECONDS,
    }


def fresh(case: Case, folder: Path) -> Path:
    """A place that no turn had before: nothing, or a copy of the environment that is to be changed; caches as wanted.

    Nothing is removed between turns: on ext4 each would pay for the files that were just deleted for those before it. 0.7 s of
    linking became 1.6 s in ten turns, all of it time of the system.
    """
    turn = Path(tempfile.mkdtemp(prefix="turn-", dir=folder))
    environment = turn / "e"
    if case.into is not None:
        subprocess.run(["cp", "-a", str(case.into), str(environment)], check=True)
    for name in CACHES if case.cache == "cold" else ():
        os.environ[name] = str(turn / "cache" / name)
    if hasattr(os, "sync"):
        os.sync()  # what the turn before has written is not this one's to wait for
    return environment


def plan_commands(case: Case, options: argparse.Namespace, folder: Path) -> list[list[str]]:
    """What a person would type: the commands of the plan, with what was asked for in place of what was resolved.

    That is `uv venv` without the pip that envdoctor puts into it. PLACE stands for the environment.
    """
    for name in CACHES:
        os.environ.pop(name, None)
    environment = str(fresh(case._replace(cache="warm"), folder))
    plan = json.loads(run([*asked("plan", case, options), "--env", environment, "--format", "json"]))
    commands = []
    for step in plan["steps"]:
        pins = set(step["pins"] or ())
        for command in step["commands"][: 1 if step["action"] == "create-environment" else None]:
            exact = [word for word in command if word in pins]
            words = [word.replace(environment, PLACE) for word in command if word not in pins and word != "--no-deps"]
            commands.append([*words, *(step["requirements"] if exact else [])])
    return commands


def asked(verb: str, case: Case, options: argparse.Namespace) -> list[str]:
    """The command line of envdoctor, but for the environment and the format."""
    return [options.envdoctor, verb, case.profile, "--backend", case.backend, *options.option]


def run_bare(commands: list[list[str]], case: Case, folder: Path) -> Run:
    """The bare commands."""
    environment = str(fresh(case, folder))
    ready = [[word.replace(PLACE, environment) for word in command] for command in commands]
    start, before = time.monotonic(), processor_time()
    for command in ready:
        run(command)
    return Run(time.monotonic() - start, processor_time() - before, {})


def run_envdoctor(case: Case, options: argparse.Namespace, folder: Path) -> Run:
    """The install, with each of its parts; what verification takes does not count."""
    environment = fresh(case, folder)
    start, before = time.monotonic(), processor_time()
    said = json.loads(run([*asked("install", case, options), "--env", str(environment), "--yes", "--format", "json"]))
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
    """One case's figures."""
    share = "met" if result["share_met"] else "MISSED"
    seconds = "met" if result["seconds_met"] else "MISSED"
    print(f"{result['case']}: bare {result['bare_s']:.2f} s, install {result['install_without_verification_s']:.2f} s")
    print(f"  overhead {result['ratio']:+.0%} (at most {SHARE:.0%}: {share}), ", end="")
    print(f"{result['overhead_s']:+.2f} s (at most {SECONDS:g} s: {seconds})")
    print(f"  quickest: bare {result['least_bare_s']:.2f} s, install {result['least_install_s']:.2f} s; ", end="")
    print(f"processor: {result['bare_processor_s']:.1f} s, {result['install_processor_s']:.1f} s with verification")
    print(f"  of it the transaction {result['transaction_s']:.2f} s; not counted: verification, {result['verification_s']:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
