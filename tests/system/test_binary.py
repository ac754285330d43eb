"""What libraries say of themselves: built here, of this machine, and damaged ones."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.system.live import Live
from envdoctor.system.port import Binary, Malformed, SourceError

CODE = """
#include <math.h>
#include <stdio.h>
static const char before[5] = {'i', 'p', 'c', '_', 'h'};
const char *list(void) { return LIST; }
int f(double x) { return printf("%f%c", pow(x, x), before[0]); }
"""


def compiler() -> str:
    found = shutil.which("gcc")
    if sys.platform != "linux" or found is None:
        pytest.skip("needs gcc on Linux")
    return found


def build(folder: Path, name: str, *options: str, architectures: str = "nothing") -> Path:
    source, library = folder / "code.c", folder / name
    source.write_text(CODE)
    macro = f'-DLIST="{architectures}"'
    subprocess.run([compiler(), "-shared", "-fPIC", "-O0", macro, "-o", library, source, *options], check=True)
    return library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = ("-Wl,-soname,libmine.so.1", "-Wl,-rpath,$ORIGIN/../lib:/opt/x", "-Wl,--no-as-needed", "-lm")
    return build(tmp_path_factory.mktemp("elf"), "libmine.so.1.2", *options)


def test_library_built_here(library: Path) -> None:
    found = Live().binary(str(library))
    assert (found.format, found.soname, found.run_paths) == ("elf", "libmine.so.1", ("$ORIGIN/../lib", "/opt/x"))
    assert "libm.so.6" in found.needed
    assert found.glibc_floor is None or found.glibc_floor >= Version("2.2.5")
    assert found.torch_arch_flags is None


def test_old_kind_of_run_path(library: Path) -> None:
    old = build(library.parent, "libold.so", "-Wl,--disable-new-dtags,-rpath,/opt/old")
    assert Live().binary(str(old)).run_paths == ("/opt/old",)


def test_stripped_library(library: Path) -> None:
    stripped = library.with_name("stripped.so")
    subprocess.run(["strip", "-o", stripped, library], check=True)
    assert Live().binary(str(stripped)) == Live().binary(str(library))


@pytest.mark.parametrize("architectures", ["sm_70 sm_80 sm_90a compute_90", "sm_86", "compute_80", "gfx90a gfx942"])
def test_list_in_the_binding_library_of_torch(tmp_path: Path, architectures: str) -> None:
    library = build(tmp_path, "libtorch_python.so", architectures=architectures)
    assert Live().binary(str(library)).torch_arch_flags == tuple(architectures.split(" "))


def test_list_behind_a_constant_without_an_end(tmp_path: Path) -> None:
    library = build(tmp_path, "libtorch_python.so", architectures="ipc_hsm_70 sm_120")
    assert Live().binary(str(library)).torch_arch_flags == ("sm_70", "sm_120")


def test_binding_library_without_gpu_code(tmp_path: Path) -> None:
    assert Live().binary(str(build(tmp_path, "libtorch_python.so"))).torch_arch_flags == ()


@pytest.mark.oracle
def test_agrees_with_readelf() -> None:
    if shutil.which("readelf") is None:
        pytest.skip("needs readelf")
    compared = 0
    for path in sorted(Path("/usr/lib").rglob("*.so*"))[:400]:
        try:
            found = Live().binary(str(path.resolve()))
        except SourceError:
            continue
        if found.format != "elf":
            continue
        said = subprocess.run(["readelf", "-dVW", path], capture_output=True, text=True, check=False).stdout
        needs = said.partition("Version needs section")[2]
        floors = [Version(number) for number in re.findall(r"Name: GLIBC_([\d.]+)", needs)]
        if "GLIBC_ABI_DT_RELR" in needs:
            floors.append(Version("2.36"))
        assert found.needed == tuple(re.findall(r"\(NEEDED\).*\[(.*)\]", said)), path
        assert [found.soname] == (re.findall(r"\(SONAME\).*\[(.*)\]", said) or [None]), path
        assert found.glibc_floor == (max(floors) if floors else None), path
        for prefix, floor in (("GLIBCXX", found.glibcxx_floor), ("CXXABI", found.cxxabi_floor)):
            versions = [Version(number) for number in re.findall(rf"Name: {prefix}_(\d[\d.]*)", needs)]
            assert floor == (max(versions) if versions else None), path
        definitions = said.partition("Version needs section")[0].partition("Version definition section")[2]
        for prefix, defined in (("GLIBCXX", found.glibcxx_defined), ("CXXABI", found.cxxabi_defined)):
            versions = [Version(number) for number in re.findall(rf"Name: {prefix}_(\d[\d.]*)", definitions)]
            assert defined == (max(versions) if versions else None), path
        assert found.run_paths == tuple(
            part for value in re.findall(r"\(R(?:UN)?PATH\).*\[(.*)\]", said) for part in value.split(":")
        )
        compared += 1
    assert compared > 50


def elf(order: str, wide: bool, machine: int) -> bytes:
    start = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    layout = "HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"
    return start + struct.pack(order + layout, 3, machine, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<H", 0x8664) + bytes(18)


def mach_o(machine: int) -> bytes:
    return b"\xcf\xfa\xed\xfe" + struct.pack("<IIIIIII", machine, 0, 6, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (elf("<", True, 62), Binary("elf", "x86_64")),
        (elf("<", True, 183), Binary("elf", "aarch64")),
        (elf("<", True, 21), Binary("elf", "ppc64le")),
        (elf(">", True, 22), Binary("elf", "s390x")),
        (elf("<", False, 40), Binary("elf", "armv7l")),
        (elf("<", True, 4711), Binary("elf", "machine 4711")),
        (PE, Binary("pe", "AMD64")),
        (mach_o(0x0100000C), Binary("mach-o", "arm64")),
        (b"\xca\xfe\xba\xbe" + struct.pack(">I", 2) + struct.pack(">IIIII", 0x01000007, 3, 48, 32, 0)
         + struct.pack(">IIIII", 0x0100000C, 0, 80, 32, 0) + mach_o(0x01000007) + mach_o(0x0100000C),
         Binary("mach-o", "x86_64+arm64")),
    ],
)  # fmt: skip
def test_headers(tmp_path: Path, data: bytes, expected: Binary) -> None:
    (tmp_path / "library").write_bytes(data)
    assert Live().binary(str(tmp_path / "library")) == expected


@pytest.mark.parametrize(
    "data",
    [b"", b"\x7fEL", b"\x7fELF", b"#!/bin/sh\n", b"MZ", b"MZ" + bytes(100), b"\xca\xfe\xba\xbe\0\0\0\x34", b"\xcf\xfa\xed\xfe"],
)
def test_no_library(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "library").write_bytes(data)
    with pytest.raises(Malformed):
        Live().binary(str(tmp_path / "library"))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_libraries(library: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(library.read_bytes())
    places = st.integers(0, 1023) | st.integers(0, len(whole) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=12)):
        whole[place] = value
    end = data.draw(st.just(len(whole)) | st.integers(0, len(whole)))
    for name in ("damaged.so", "libtorch_python.so"):
        (tmp_path / name).write_bytes(whole[:end])
        try:
            found = Live().binary(str(tmp_path / name))
        except SourceError:
            continue
        assert isinstance(found, Binary)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"\x7fELF\x02\x01", b"\x7fELF\x01\x02", b"MZ", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xcf"]),
    st.binary(max_size=600),
)
def test_noise(tmp_path: Path, magic: bytes, noise: bytes) -> None:
    (tmp_path / "noise").write_bytes(magic + noise)
    try:
        assert Live().binary(str(tmp_path / "noise")).format in {"elf", "pe", "mach-o"}
    except SourceError:
        return
