"""How long `envdoctor check` and `envdoctor --help` take, beside bare Python and beside PyTorch's own collect_env.

    python benchmarks/start_up.py --envdoctor VENV/bin/envdoctor --environment ENV [--rounds 15] [--json FILE]

VENV holds envdoctor as people install it (`pip install .`, not editable); ENV is an environment with torch. All commands
are run in turn, round after round, so that whatever else the machine does falls on all of them alike. Prints medians,
ratios, peak memory and whether the targets are met; the exit status is 1 where one is missed. On Linux with a C compiler
`check` is run once more as on a machine with eight GPUs, whose driver's library tests/system/standin_nvml.c stands in for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

CHECK_TIMES_BARE = 12.0
CHECK_SHARE_OF_COLLECT_ENV = 0.1
CHECK_PEAK_MIB = 45.0
HELP_ABOVE_BARE_MS = 80.0
CHECK_EIGHT_GPUS_TIMES_BARE = 12.0
DROP_CACHES = "/proc/sys/vm/drop_caches"
STANDIN = Path(__file__).resolve().parent.parent / "tests" / "system" / "standin_nvml.c"
EIGHT_GPUS = "check 8 GPUs"


class Command(NamedTuple):
    """What is started, and the variables that are set for it."""

    argv: list[str]
    variables: dict[str, str] = {}  # noqa: RUF012 - nothing changes it


def main() -> int:
    """Measure, print, and return 1 where a target is missed."""
    options = read_options()
    commands = commands_of(options.envdoctor, options.environment)
    with tempfile.TemporaryDirectory() as folder:
        if make_driver(folder):
            commands[EIGHT_GPUS] = commands["check"]._replace(variables={"LD_LIBRARY_PATH": folder})
        return compare(options, commands)


def compare(options: argparse.Namespace, commands: dict[str, Command]) -> int:
    """Measure these commands, print, and return 1 where a target is missed."""
    warm = measure(commands, options.rounds, slow_rounds=options.slow_rounds)
    cold = measure_cold(commands) if options.cold else None
    result = {"rounds": options.rounds, "python": sys.version.split()[0], "warm": warm, "cold": cold, "targets": targets(warm)}
    show(result)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0 if all(target["met"] for target in result["targets"]) else 1


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--envdoctor", required=True, help="the installed command")
    parser.add_argument("--environment", required=True, help="an environment with torch")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--slow-rounds", type=int, default=3, help="rounds of collect_env, which takes seconds")
    parser.add_argument("--cold", action="store_true", help="once more with a cold page cache (root on Linux only)")
    parser.add_argument("--json", help="write the figures to this file")
    return parser.parse_args()


def make_driver(folder: str) -> bool:
    """Make a library that answers like a driver with eight GPUs; whether that could be done."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        return False
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(Path(folder, "libnvidia-ml.so.1")), str(STANDIN)], check=True)
    return True


def commands_of(envdoctor: str, environment: str) -> dict[str, Command]:
    """What is measured. The bare Python is the one that runs envdoctor."""
    scripts = Path(envdoctor).parent
    python = next(path for path in (scripts / "python", scripts / "python.exe") if path.exists())
    torch_python = next(
        path for path in (Path(environment, "bin", "python"), Path(environment, "Scripts", "python.exe")) if path.exists()
    )
    return {
        "bare": Command([str(python), "-c", "pass"]),
        "check": Command([envdoctor, "check", "--fail-on", "never", "--python", environment]),
        "check json": Command([envdoctor, "check", "--fail-on", "never", "--format", "json", "--python", environment]),
        "help": Command([envdoctor, "--help"]),
        "collect_env": Command([str(torch_python), "-m", "torch.utils.collect_env"]),
    }


def measure(commands: dict[str, Command], rounds: int, slow_rounds: int) -> dict[str, dict[str, float]]:
    """Median, least time and peak memory of each command, run in turn; one run each beforehand warms the caches."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, int] = dict.fromkeys(commands, 0)
    for place in range(-1, rounds):
        for name, command in commands.items():
            if name == "collect_env" and place >= slow_rounds:
                continue
            took, peak_bytes = run(command)
            if place >= 0:
                seconds[name].append(took)
                peaks[name] = max(peaks[name], peak_bytes)
    return {name: figures(times, peaks[name]) for name, times in seconds.items()}


def figures(seconds: list[float], peak_bytes: int) -> dict[str, float]:
    """In milliseconds and MiB."""
    ordered = sorted(seconds)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return {
        "median_ms": round(median * 1000, 1),
        "least_ms": round(ordered[0] * 1000, 1),
        "peak_mib": round(peak_bytes / 2**20, 1),
    }


def run(command: Command) -> tuple[float, int]:
    """Seconds and peak resident memory in bytes of one run, its output thrown away.

    The peak that the kernel reports counts the parent's memory before exec, so this script stays small.
    """
    nowhere, argv, variables = os.open(os.devnull, os.O_RDWR), command.argv, {**os.environ, **command.variables}
    start = time.perf_counter()
    child = os.posix_spawn(
        argv[0], argv, variables, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1, 2)]
    )
    _child, status, usage = os.wait4(child, 0)
    took = time.perf_counter() - start
    os.close(nowhere)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        raise SystemExit(f"{' '.join(argv)}: exit status {os.waitstatus_to_exitcode(status)}")
    return took, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure_cold(commands: dict[str, Command]) -> dict[str, float] | str:
    """Milliseconds of one run each, the page cache emptied before each; or why it could not be done."""
    if not os.access(DROP_CACHES, os.W_OK):
        return f"skipped: {DROP_CACHES} cannot be written here"
    seconds = {}
    for name, command in commands.items():
        os.sync()
        try:
            Path(DROP_CACHES).write_text("3\n", encoding="ascii")
        except OSError as error:
            return f"skipped: {DROP_CACHES}: {error.strerror}"
        seconds[name] = round(run(command)[0] * 1000, 1)
    return seconds


def targets(warm: dict[str, dict[str, float]]) -> list[dict[str, object]]:
    """Each target with what was measured."""
    bare, check = warm["bare"]["median_ms"], warm["check"]["median_ms"]
    rows = [
        ("check / bare", check / bare, CHECK_TIMES_BARE),
        ("check / collect_env", check / warm["collect_env"]["median_ms"], CHECK_SHARE_OF_COLLECT_ENV),
        ("check peak MiB", warm["check"]["peak_mib"], CHECK_PEAK_MIB),
        ("help above bare ms", warm["help"]["median_ms"] - bare, HELP_ABOVE_BARE_MS),
    ]
    if EIGHT_GPUS in warm:
        rows.append((f"{EIGHT_GPUS} / bare", warm[EIGHT_GPUS]["median_ms"] / bare, CHECK_EIGHT_GPUS_TIMES_BARE))
    return [
        {"target": name, "measured": round(measured, 3), "at_most": limit, "met": measured <= limit}
        for name, measured, limit in rows
    ]


def show(result: dict[str, object]) -> None:
    """Print tables."""
    warm, cold, rows = result["warm"], result["cold"], result["targets"]
    assert isinstance(warm, dict)
    assert isinstance(rows, list)
    bare = warm["bare"]["median_ms"]
    print(f"{'command':<14}{'median ms':>10}{'least ms':>10}{'x bare':>8}{'peak MiB':>10}")
    for name, row in warm.items():
        print(f"{name:<14}{row['median_ms']:>10}{row['least_ms']:>10}{row['median_ms'] / bare:>8.1f}{row['peak_mib']:>10}")
    if cold is not None:
        print(f"\ncold page cache, ms: {cold}")
    print()
    for row in rows:
        print(f"{'ok    ' if row['met'] else 'MISSED'} {row['target']:<22}{row['measured']:>9} (at most {row['at_most']})")


if __name__ == "__main__":
    sys.exit(main())
