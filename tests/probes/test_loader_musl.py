"""Which file a library's name leads to where musl loads it: by its rules, and by musl's loader itself where it is installed."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.probes.libc import has_musl_alone
from envdoctor.probes.loader import Process
from envdoctor.probes.loader_libraries import start_process
from envdoctor.probes.loader_musl import MuslProcess, parse_musl_paths
from envdoctor.system.live import Live
from envdoctor.system.port import Binary
from tests.probes.test_loader import A, Linux, elf

PROGRAM = elf("libc.musl-x86_64.so.1")
LOADER = os.environ.get("ENVDOCTOR_TEST_MUSL") or next(iter(glob.glob("/lib/ld-musl-*.so.1")), "")


def loaded(box: Linux, *path: str, root: str = "/app/libroot.so") -> dict[str, tuple[str, str]]:
    process = MuslProcess(box, "x86_64", path)
    process.open_path(root)
    return {name: (one.place.path, one.place.way) for name, one in process.loaded.items() if name != root}


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        (elf(A, rpath="/r"), ("/v",), ("/v/liba.so.1", "LD_LIBRARY_PATH")),
        (elf(A, rpath="/r"), (), ("/r/liba.so.1", "RPATH")),
        (elf(A, runpath="/r"), (), ("/r/liba.so.1", "RUNPATH")),
        (elf(A, runpath="${ORIGIN}/../r/"), (), ("/r/liba.so.1", "RUNPATH")),
        (elf(A, runpath="/r:/x/$LIB"), (), ("/lib/liba.so.1", "default folder")),
        (elf(A), (), ("/lib/liba.so.1", "default folder")),
    ],
)
def test_order(root: Binary, path: tuple[str, ...], expected: tuple[str, str]) -> None:
    files = {"/app/libroot.so": root, **{f"/{folder}/{A}": elf() for folder in ("r", "v", "c", "lib", "usr/lib")}}
    assert loaded(Linux(files, {A: (f"/c/{A}",)}), *path)[A] == expected


def test_a_runpath_is_inherited_as_an_rpath_is() -> None:
    files = {"/app/libroot.so": elf("libmid.so", runpath="/r"), "/r/libmid.so": elf(A, runpath="/m"), f"/r/{A}": elf()}
    assert loaded(Linux(files))[A] == (f"/r/{A}", "RUNPATH")
    files[f"/m/{A}"] = elf()
    assert loaded(Linux(files))[A] == (f"/m/{A}", "RUNPATH")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/one:/two\n/three\n", ("/three/liba.so.1", "/etc/ld-musl-x86_64.path")),
        ("", None),
        (None, ("/usr/local/lib/liba.so.1", "default folder")),
    ],
)
def test_its_file_takes_the_place_of_the_default_folders(text: str | None, expected: tuple[str, str] | None) -> None:
    files = {"/app/libroot.so": elf(A), **{f"/{folder}/{A}": elf() for folder in ("three", "usr/local/lib", "usr/lib")}}
    box = Linux(files, files={} if text is None else {"/etc/ld-musl-x86_64.path": text})
    assert loaded(box).get(A) == expected


def test_the_first_file_decides_and_sonames_count_for_nothing() -> None:
    files = {"/app/libroot.so": elf(A, rpath="/arm:/r"), f"/arm/{A}": elf(machine="aarch64"), f"/r/{A}": elf()}
    assert A not in loaded(Linux(files))
    process = MuslProcess(
        Linux({"/first/liba-x.so": elf(soname=A), "/app/libroot.so": elf(A, rpath="/r"), f"/r/{A}": elf()}), "x86_64"
    )
    process.open_path("/first/liba-x.so")
    process.open_path("/app/libroot.so")
    assert process.loaded[A].place.path == f"/r/{A}"


def test_what_was_opened_by_its_path_is_the_same_where_a_name_leads_to_it() -> None:
    process = MuslProcess(Linux({"/app/libroot.so": elf(A, rpath="/r"), f"/r/{A}": elf()}), "x86_64")
    assert process.open_path(f"/r/{A}", "preload", "torch") is not None
    process.open_path("/app/libroot.so")
    assert (process.loaded[A].place.path, process.loaded[A].place.way) == (f"/r/{A}", "preload")
    assert process.open_path("/nowhere.so") is None


@pytest.mark.parametrize(
    ("program", "files", "kind"),
    [
        (PROGRAM, {}, MuslProcess),
        (elf("libc.so"), {}, MuslProcess),
        (elf("libc.so.6"), {"/lib/ld-musl-x86_64.so.1": ""}, Process),
        (elf(), {"/lib/ld-musl-x86_64.so.1": ""}, MuslProcess),
        (elf(), {"/lib/ld-musl-x86_64.so.1": "", "/lib64/ld-linux-x86-64.so.2": ""}, Process),
        (elf("libpython3.12.so.1.0"), {"/lib64/ld-linux-x86-64.so.2": ""}, Process),
        (elf(), {}, Process),
    ],
)
def test_the_program_says_whose_loader_it_is(program: Binary, files: dict[str, str], kind: type[Process]) -> None:
    process = start_process(Linux({"/env/bin/python": program}, files=files), "x86_64", "/env/bin/python")
    assert type(process) is kind
    assert has_musl_alone(Linux({}, files=files)) is (set(files) == {"/lib/ld-musl-x86_64.so.1"})


def test_variables_are_read_as_musl_reads_them() -> None:
    assert parse_musl_paths("/a::/b;/c:rel\n/a") == ("/a", "/b;/c")
    assert parse_musl_paths("rel:", "/work") == ("/work/rel",)
    box = Linux({"/env/bin/python": PROGRAM, f"/v;w/{A}": elf()}, variables={"LD_LIBRARY_PATH": "/v;w", "LD_PRELOAD": ""})
    process = start_process(box, "x86_64", "/env/bin/python")
    found = process.found_for(A, "/app/libroot.so", elf(A))
    assert found is not None
    assert found.place.path == f"/v;w/{A}"


@pytest.mark.oracle
@pytest.mark.skipif(sys.platform != "linux" or not LOADER or shutil.which("gcc") is None, reason="needs musl and gcc")
@pytest.mark.parametrize("variable", [None, "v", "v2:v", "nowhere:v2"])
@pytest.mark.parametrize("root_path", ["", "$ORIGIN/r", "$ORIGIN/m:$ORIGIN/r", "/x/$LIB:$ORIGIN/r"])
@pytest.mark.parametrize("middle_path", ["", "$ORIGIN/../m"])
@pytest.mark.parametrize("old", [False, True])
def test_musl_itself_says_the_same(tmp_path: Path, variable: str | None, root_path: str, middle_path: str, old: bool) -> None:
    """`ld-musl --list` loads what it is given and prints which file each name came to."""
    tags = f"-Wl,--{'disable' if old else 'enable'}-new-dtags"

    def make(place: str, needs: tuple[str, ...] = (), path: str = "") -> None:
        file = tmp_path / place
        file.parent.mkdir(exist_ok=True)
        run_path = [f"-Wl,-rpath,{path}"] if path else []
        argv = ["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{file.name}", tags, *run_path, "-o", file, "-x", "c", os.devnull]
        subprocess.run([*argv, "-x", "none", "-Wl,--no-as-needed", *(tmp_path / one for one in needs)], check=True)

    for folder in ("v", "r", "m"):
        make(f"{folder}/liba.so")
    make("r/libmid.so", ("r/liba.so",), middle_path)
    shutil.copytree(tmp_path / "r", tmp_path / "v2")
    make("libroot.so", ("r/libmid.so",), root_path)
    stated = None if variable is None else ":".join(str(tmp_path / part) for part in variable.split(":"))
    ran = subprocess.run(
        [LOADER, "--list", tmp_path / "libroot.so"], capture_output=True, text=True, check=False,
        env={} if stated is None else {"LD_LIBRARY_PATH": stated},
    )  # fmt: skip
    lines = (line.split(" => ") for line in ran.stdout.splitlines() if " => " in line)
    theirs = {name.strip(): os.path.realpath(place.rpartition(" (")[0]) for name, place in lines}
    process = MuslProcess(Live(), "x86_64", parse_musl_paths(stated or ""))
    process.open_path(str(tmp_path / "libroot.so"))
    ours = {name: os.path.realpath(one.place.path) for name, one in process.loaded.items() if "/" not in name}
    assert ours == {name: place for name, place in theirs.items() if name in {"liba.so", "libmid.so"}}
