"""What `envdoctor install` costs beyond the pip or uv command that it runs, side by side.

    python benchmarks/install.py --envdoctor VENV/bin/envdoctor [--profile datascience] [--into ENV] [--rounds 3] [--json FILE]

Each round makes a new environment twice, by the bare commands (`python -m venv` and `pip install`, `uv venv` and `uv pip
install`, with the requirements that the plan shows) and by `envdoctor install`, from the same indexes and warm caches. With
--into a copy of an existing environment is changed in place of making one. What verification takes (looking at the facts
again, importing, computing) is subtracted: that is what `install` is for, not what it costs. The rest is overhead: planning,
resolving beforehand, keeping the old environment, and the receipt; what of it is the transaction's is printed apart.

Exit status 1 where the median overhead is more than 10% of the bare command and more than 2 s.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SHARE, SECONDS = 0.10, 2.0
OF_THE_TRANSACTION = ("keep", "note")
VERIFICATION = ("look", "verify")


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
    bare: list[float] = []
    whole: list[float] = []
    parts: list[dict[str, float]] = []
    commands = plan_commands(backend, options, folder)
    for place in range(-1, options.rounds):
        bare_s = run_bare(commands, options, folder)
        whole_s, seconds = run_envdoctor(backend, options, folder)
        if place >= 0:
            bare.append(bare_s)
            whole.append(whole_s - sum(seconds[part] for part in VERIFICATION))
            parts.append(seconds)
    overhead = [one - other for one, other in zip(whole, bare, strict=True)]
    middle = statistics.median(bare)
    return {
        "backend": backend,
        "bare_s": middle,
        "install_without_verification_s": statistics.median(whole),
        "overhead_s": statistics.median(overhead),
        "ratio": statistics.median(overhead) / middle,
        "transaction_s": statistics.median(sum(seconds[part] for part in OF_THE_TRANSACTION) for seconds in parts),
        "verification_s": statistics.median(sum(seconds[part] for part in VERIFICATION) for seconds in parts),
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
    """What a person would run: the commands of the plan, with what was asked for in place of what was resolved."""
    environment = fresh(options, folder)
    plan = json.loads(run([*asked("plan", backend, options), "--env", str(environment), "--format", "json"]))
    commands = []
    for step in plan["steps"]:
        pins = set(step["pins"] or ())
        for command in step["commands"]:
            exact = [word for word in command if word in pins]
            words = [word for word in command if word not in pins and word != "--no-deps"]
            commands.append([*words, *(step["requirements"] if exact else [])])
    return commands


def asked(verb: str, backend: str, options: argparse.Namespace) -> list[str]:
    """The command line of envdoctor, but for the environment and the format."""
    return [options.envdoctor, verb, options.profile, "--backend", backend, *options.option]


def run_bare(commands: list[list[str]], options: argparse.Namespace, folder: Path) -> float:
    """How long the bare commands take."""
    fresh(options, folder)
    start = time.monotonic()
    for command in commands:
        run(command)
    return time.monotonic() - start


def run_envdoctor(backend: str, options: argparse.Namespace, folder: Path) -> tuple[float, dict[str, float]]:
    """How long the install takes, and each of its parts."""
    environment = fresh(options, folder)
    start = time.monotonic()
    said = json.loads(run([*asked("install", backend, options), "--env", str(environment), "--yes", "--format", "json"]))
    return time.monotonic() - start, said["seconds"]


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
    print(f"  of it the transaction {result['transaction_s']:.2f} s; verification, not counted, {result['verification_s']:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
