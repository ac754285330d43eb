"""What PE, Mach-O and ELF files say besides their machine: imports, run paths, floors, symbols."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.system.live import Live
from envdoctor.system.port import Binary, Malformed, SourceError, Unsupported
from tests.system.made_libraries import load_command, mach_o_with, pe_with

MACHO = mach_o_with(
    load_command(0xD, "@rpath/libmine.dylib"),
    load_command(0x32, "", 1, 0x000E0200, 0x000F0000, 0),
    load_command(0xC, "/usr/lib/libSystem.B.dylib"),
    load_command(0x80000018, "@rpath/libweak.dylib"),
    load_command(0x8000001C, "@loader_path/../lib"),
)
PE = pe_with({".text": b"code"}, ("KERNEL32.dll", "cudart64_12.dll"))


def binary_of(tmp_path: Path, data: bytes) -> Binary:
    (tmp_path / "library").write_bytes(data)
    return Live().binary(str(tmp_path / "library"))


def test_mach_o(tmp_path: Path) -> None:
    assert binary_of(tmp_path, MACHO) == Binary(
        "mach-o", "arm64", "@rpath/libmine.dylib", ("/usr/lib/libSystem.B.dylib", "@rpath/libweak.dylib"),
        ("@loader_path/../lib",), minimum_os=Version("14.2"),
    )  # fmt: skip


def test_mach_o_of_an_older_linker(tmp_path: Path) -> None:
    assert binary_of(tmp_path, mach_o_with(load_command(0x24, "", 0x000A0F00, 0))).minimum_os == Version("10.15")


def test_mach_o_for_another_system_states_no_macos(tmp_path: Path) -> None:
    assert binary_of(tmp_path, mach_o_with(load_command(0x32, "", 2, 0x000E0000, 0, 0))).minimum_os is None


def test_pe(tmp_path: Path) -> None:
    assert binary_of(tmp_path, PE) == Binary("pe", "AMD64", needed=("KERNEL32.dll", "cudart64_12.dll"))


@pytest.mark.parametrize("data", [MACHO[:40], MACHO[:-8], PE[:100], PE[:-40]])
def test_cut_off(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Malformed):
        binary_of(tmp_path, data)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutations(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([MACHO, PE])))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8)):
        whole[place] = value
    try:
        assert isinstance(binary_of(tmp_path, bytes(whole[: data.draw(st.integers(0, len(whole)))])), Binary)
    except SourceError:
        return


def compiled(folder: Path, name: str, source: str, *options: str) -> str:
    compiler = shutil.which("g++")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs g++ on Linux")
    (folder / f"{name}.cpp").write_text(source)
    library = folder / f"{name}.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / f"{name}.cpp", *options], check=True)
    return str(library)


TORCH = """
namespace c10 { struct Error { void raise(int); }; void Error::raise(int) {} void warn() {} }
namespace at { struct Tensor { int dim() const; }; int Tensor::dim() const { return 0; } }
"""
USES = """
namespace c10 { struct Error { void raise(int); void raise(long); }; void warn(); void gone() __attribute__((weak)); }
namespace at { struct Tensor { int dim() const; long dim(int) const; }; }
extern "C" int elsewhere();
int use(at::Tensor t, c10::Error e) { e.raise(1); e.raise(1L); c10::warn(); if (c10::gone) c10::gone();
  return t.dim() + t.dim(1) + elsewhere(); }
"""


def test_symbols_that_torch_does_not_export(tmp_path: Path) -> None:
    torch, extension = compiled(tmp_path, "torch", TORCH), compiled(tmp_path, "extension", USES)
    found = Live().missing_symbols(extension, (torch,))
    assert sorted(found) == ["_ZN3c105Error5raiseEl", "_ZNK2at6Tensor3dimEi"]
    second = compiled(tmp_path, "second", "namespace c10 { struct Error { void raise(long); }; void Error::raise(long) {} }")
    assert Live().missing_symbols(extension, (torch, second)) == ("_ZNK2at6Tensor3dimEi",)


def test_symbols_whose_version_names_the_library(tmp_path: Path) -> None:
    (tmp_path / "map").write_text("libnv.so.12 { global: made_12_0; made_12_8; };")
    new = 'extern "C" int made_12_0() { return 0; } extern "C" int made_12_8() { return 1; }'
    options = ("-Wl,-soname,libnv.so.12", f"-Wl,--version-script,{tmp_path}/map")
    made = compiled(tmp_path, "new", new, *options)
    caller = compiled(tmp_path, "caller", 'extern "C" int made_12_8(); int f() { return made_12_8(); }', made)
    old = compiled(tmp_path, "old", 'extern "C" int made_12_0() { return 0; }', *options)
    assert Live().missing_symbols(caller, (made,)) == ()
    assert Live().missing_symbols(caller, (old,)) == ("made_12_8",)


def test_floors_of_the_cpp_library(tmp_path: Path) -> None:
    found = Live().binary(compiled(tmp_path, "cpp", "#include <string>\nstd::string f(std::string a) { return a + a; }"))
    assert found.glibcxx_floor is not None
    assert found.glibcxx_floor >= Version("3.4.21")
    assert found.cxxabi_floor is None or found.cxxabi_floor >= Version("1.3")


def test_versions_that_a_cpp_library_defines(tmp_path: Path) -> None:
    (tmp_path / "map").write_text("GLIBCXX_3.4.9 { global: f; };\nGLIBCXX_3.4.19 { } GLIBCXX_3.4.9;\nCXXABI_1.3.7 { };\n")
    options = ("-Wl,-soname,libstdc++.so.6", f"-Wl,--version-script,{tmp_path}/map")
    found = Live().binary(compiled(tmp_path, "old", 'extern "C" int f() { return 1; }', *options))
    assert (found.glibcxx_defined, found.cxxabi_defined) == (Version("3.4.19"), Version("1.3.7"))


def test_symbols_of_other_formats(tmp_path: Path) -> None:
    (tmp_path / "library").write_bytes(PE)
    with pytest.raises(Unsupported):
        Live().missing_symbols(str(tmp_path / "library"), ())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_tables_of_symbols(tmp_path: Path, data: st.DataObject) -> None:
    torch, extension = tmp_path / "torch.so", tmp_path / "extension.so"
    if not torch.exists():
        compiled(tmp_path, "torch", TORCH)
        compiled(tmp_path, "extension", USES)
    for library in (torch, extension):
        whole = bytearray(library.read_bytes())
        for place, value in data.draw(st.lists(st.tuples(st.integers(0, 8191), st.integers(0, 255)), min_size=1, max_size=8)):
            whole[place % len(whole)] = value
        library.with_name(f"damaged-{library.name}").write_bytes(whole)
    try:
        found = Live().missing_symbols(str(tmp_path / "damaged-extension.so"), (str(tmp_path / "damaged-torch.so"),))
    except SourceError:
        return
    assert all(isinstance(name, str) for name in found)


@pytest.mark.parametrize(
    ("texts", "major"),
    [
        (["numpy.core._multiarray_umath"], 1),
        (["numpy._core._multiarray_umath", "numpy.core._multiarray_umath"], 2),
        (["numpy.core.multiarray"], None),
        ([], None),
    ],
)
def test_the_numpy_that_a_module_was_built_against(tmp_path: Path, texts: list[str], major: int | None) -> None:
    source = "const char *names[] = {" + ", ".join(f'"{text}"' for text in (*texts, "other")) + "};"
    assert Live().numpy_major(compiled(tmp_path, "module", source)) == major
