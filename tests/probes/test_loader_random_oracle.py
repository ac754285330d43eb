"""The loader's own word on libraries that gcc makes at random: run paths of both kinds, tokens, variables, newer processors."""

from __future__ import annotations

import os
import platform
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from envdoctor.probes.loader import Process
from envdoctor.probes.loader_paths import parse_library_path, parse_preload
from envdoctor.system.live import Live

LOADERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
LOADER = LOADERS.get(platform.machine(), "")
NAMES = ("liba.so", "libb.so", "libc1.so", "libd.so")
FOLDERS = ("one", "two", "three/glibc-hwcaps/x86-64-v2", "three", "lib64", "lib/x86_64-linux-gnu", "x86_64", "one/$LIB")
PATHS = (
    "$ORIGIN", "$ORIGIN/../one", "${ORIGIN}/../two", "$ORIGIN/../three", "$ORIGIN/../$LIB", "$ORIGIN/../$PLATFORM", "{root}/one",
    "{root}/two:$ORIGIN/../three", "{root}/three", "{root}/nowhere", "{root}/${LIB}", "$ORIGIN/../$LIBRARY", "$ORIGIN/..//one/",
)  # fmt: skip

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(
        not (LOADER and Path(LOADER).is_file() and shutil.which("gcc")), reason="needs gcc and the loader of glibc"
    ),
]


def make(path: Path, chance: random.Random, root: Path, needs: list[str], stubs: Path, *, is_program: bool = False) -> None:
    """A library, or a program, that needs others and has run paths of either kind, or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = [] if is_program else ["-shared", "-fPIC", "-nostdlib", f"-Wl,-soname,{path.name}"]
    if chance.random() < 0.7:
        flags.append(chance.choice(["-Wl,--enable-new-dtags", "-Wl,--disable-new-dtags"]))
        flags += [f"-Wl,-rpath,{chance.choice(PATHS).replace('{root}', str(root))}" for _path in range(chance.randint(1, 2))]
    source = stubs / ("main.c" if is_program else "one.c")
    links = [str(stubs / name) for name in needs]
    argv = ["gcc", *flags, "-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined", "-o", str(path), str(source), *links]
    subprocess.run(argv, check=True, capture_output=True)


def scenario(root: Path, chance: random.Random) -> tuple[Path, dict[str, str]]:
    """A program and libraries of few names in several folders; each needs only later ones."""
    stubs = root / "stubs"
    stubs.mkdir()
    (stubs / "one.c").write_text("int here;")
    (stubs / "main.c").write_text("int main(void) { return 0; }")
    for name in NAMES:
        subprocess.run(["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{name}", "-o", stubs / name, stubs / "one.c"], check=True)
    for number, name in enumerate(NAMES):
        for folder in chance.sample(FOLDERS, 3):
            later = [one for one in NAMES[number + 1 :] if chance.random() < 0.6]
            make(root / folder / name, chance, root, later, stubs)
    program = root / "one/program"
    make(program, chance, root, [name for name in NAMES if chance.random() < 0.7] or ["liba.so"], stubs, is_program=True)
    variables = {}
    if chance.random() < 0.6:
        variables["LD_LIBRARY_PATH"] = chance.choice([":", ";"]).join(f"{root}/{one}" for one in chance.sample(FOLDERS[:7], 2))
    if chance.random() < 0.3:
        there = [path for path in root.glob(f"*/{chance.choice(NAMES)}") if path.parent != stubs]
        variables["LD_PRELOAD"] = " ".join(map(str, there[:1]))
    return program, variables


def theirs(program: Path, variables: dict[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    env = {**clean, **variables, "LD_TRACE_LOADED_OBJECTS": "1"}
    lines = subprocess.run([program], env=env, capture_output=True, text=True, check=False).stdout.splitlines()
    found = {}
    for line in lines:
        name, arrow, rest = line.strip().partition(" => ")
        place = rest.rpartition(" (")[0] or rest if arrow else name.rpartition(" (")[0]
        key = name if arrow else os.path.basename(place)
        if key in NAMES:
            found[key] = "" if place == "not found" else os.path.realpath(place)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_the_same_files_by_all_ways(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "root"
    root.mkdir()
    program, variables = scenario(root, random.Random(seed))
    machine = platform.machine()
    process = Process(Live(), machine, parse_library_path(variables.get("LD_LIBRARY_PATH")), str(program))
    for library in parse_preload(variables.get("LD_PRELOAD")):
        process.open_path(library, "LD_PRELOAD", library)
    process.open_path(str(program))
    ours = {name: os.path.realpath(one.place.path) for name, one in process.loaded.items() if name in NAMES}
    assert {**ours, **{name: "" for name in process.missing if name in NAMES}} == theirs(program, variables)
