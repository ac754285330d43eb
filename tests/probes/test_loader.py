"""Which file a library's name leads to, by the loader's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from envdoctor.probes.loader import Process
from envdoctor.probes.loader_paths import expand_tokens, parse_library_path, parse_preload
from envdoctor.system.port import Binary, CacheEntry, Malformed, SourceError, Unsupported
from tests.probes.environments import Box


def elf(*needed: str, rpath: str = "", runpath: str = "", soname: str | None = None, machine: str = "x86_64") -> Binary:
    paths = tuple(part for part in (runpath or rpath).split(":") if part)
    return Binary("elf", machine, soname, tuple(needed), paths, has_rpath=bool(rpath and not runpath))


class Linux(Box):
    """A machine with libraries and a loader's cache."""

    def __init__(self, binaries: Mapping[str, Binary], cache: Mapping[str, tuple[str, ...]] | None = None, **rest: Any) -> None:
        super().__init__(binaries=binaries, **rest)
        self.cache = {name: tuple(CacheEntry(path, "x86_64") for path in paths) for name, paths in (cache or {}).items()}

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        return self.cache.get(key, ()) if kind == "loader_cache" else super().answer(kind, key, *question)


def loaded(box: Linux, *path: str, root: str = "/app/libroot.so", **options: Any) -> dict[str, tuple[str, str]]:
    process = Process(box, "x86_64", path, **options)
    process.open_path(root)
    return {name: (one.place.path, one.place.way) for name, one in process.loaded.items() if name != "libroot.so"}


A = "liba.so.1"


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        (elf(A, rpath="/r"), ("/v",), ("/r/liba.so.1", "RPATH")),
        (elf(A, runpath="/r"), ("/v",), ("/v/liba.so.1", "LD_LIBRARY_PATH")),
        (elf(A, runpath="/r"), (), ("/r/liba.so.1", "RUNPATH")),
        (elf(A, rpath="/x:$ORIGIN/../r"), (), ("/r/liba.so.1", "RPATH")),
        (elf(A, runpath="${ORIGIN}/../r/"), (), ("/r/liba.so.1", "RUNPATH")),
        (elf(A), (), ("/c/liba.so.1", "ld.so.cache")),
        (elf(A), ("/nowhere",), ("/c/liba.so.1", "ld.so.cache")),
    ],
)
def test_order(root: Binary, path: tuple[str, ...], expected: tuple[str, str]) -> None:
    files = {"/app/libroot.so": root, **{f"/{folder}/{A}": elf() for folder in ("r", "v", "c", "usr/lib")}}
    assert loaded(Linux(files, {A: (f"/c/{A}",)}), *path)[A] == expected


def test_default_folders_come_last() -> None:
    files = {"/app/libroot.so": elf(A), f"/usr/lib/{A}": elf(), f"/lib/x86_64-linux-gnu/{A}": elf()}
    assert loaded(Linux(files))[A] == (f"/lib/x86_64-linux-gnu/{A}", "default folder")


def test_rpath_is_inherited_and_runpath_is_not() -> None:
    files = {"/app/libroot.so": elf("libmid.so", rpath="/r"), "/r/libmid.so": elf(A), f"/r/{A}": elf(), f"/v/{A}": elf()}
    assert loaded(Linux(files), "/v")[A] == (f"/r/{A}", "RPATH")
    files["/app/libroot.so"] = elf("libmid.so", runpath="/r")
    assert loaded(Linux(files), "/v")[A] == (f"/v/{A}", "LD_LIBRARY_PATH")
    assert A not in loaded(Linux(files))


def test_a_runpath_switches_the_rpath_of_its_loaders_off() -> None:
    """libcusparse's own RUNPATH makes it take libnvJitLink from LD_LIBRARY_PATH, whatever torch's RPATH says."""
    files = {
        "/app/libroot.so": elf("libmid.so", rpath="/r"),
        "/r/libmid.so": elf(A, runpath="/r"),
        f"/r/{A}": elf(),
        f"/v/{A}": elf(),
    }
    assert loaded(Linux(files), "/v")[A] == (f"/v/{A}", "LD_LIBRARY_PATH")


def test_the_rpath_of_the_program_counts_for_all() -> None:
    files = {"/app/libroot.so": elf(A), "/env/bin/python": elf(rpath="$ORIGIN/../lib"), f"/env/lib/{A}": elf(), f"/v/{A}": elf()}
    assert loaded(Linux(files), "/v", program="/env/bin/python")[A] == (f"/env/lib/{A}", "RPATH")


def test_what_is_loaded_already_wins() -> None:
    box = Linux({"/first/liba-renamed.so": elf(soname=A), "/app/libroot.so": elf(A, rpath="/r"), f"/r/{A}": elf()})
    process = Process(box, "x86_64")
    process.open_path("/first/liba-renamed.so")
    process.open_path("/app/libroot.so")
    assert process.loaded[A].place.path == "/first/liba-renamed.so"


def test_other_architectures_are_passed_over_and_no_libraries_are_not() -> None:
    files = {"/app/libroot.so": elf(A, rpath="/arm:/r"), f"/arm/{A}": elf(machine="aarch64"), f"/r/{A}": elf()}
    assert loaded(Linux(files))[A] == (f"/r/{A}", "RPATH")
    box = Linux({"/app/libroot.so": elf(A, rpath="/text:/r"), f"/r/{A}": elf()}, files={f"/text/{A}": "no library"})
    assert loaded(box)[A] == (f"/text/{A}", "RPATH")


def test_what_is_missing_is_said_with_who_needs_it() -> None:
    process = Process(Linux({"/app/libroot.so": elf(A, "libb.so")}), "x86_64", is_followed=lambda name: name == A)
    process.open_path("/app/libroot.so")
    assert {name: one.place.path for name, one in process.missing.items()} == {A: "/app/libroot.so"}


FLAGS = "flags : fpu lm cmov cx8 fxsr mmx syscall sse sse2 cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
V3 = f"{FLAGS} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave\n\n"


@pytest.mark.parametrize(
    ("flags", "folder"), [(f"{FLAGS}\n", "glibc-hwcaps/x86-64-v2/"), (V3, "glibc-hwcaps/x86-64-v3/"), ("", "")]
)
def test_folders_for_newer_processors(flags: str, folder: str) -> None:
    files = {f"/v/{sub}{A}": elf() for sub in ("", *(f"glibc-hwcaps/x86-64-v{number}/" for number in (2, 3, 4)))}
    box = Linux({"/app/libroot.so": elf(A), **files}, files={"/proc/cpuinfo": flags})
    assert loaded(box, "/v")[A] == (f"/v/{folder}{A}", "LD_LIBRARY_PATH")
    cached = Linux({"/app/libroot.so": elf(A), **files}, {A: tuple(files)}, files={"/proc/cpuinfo": flags})
    assert loaded(cached)[A] == (f"/v/{folder}{A}", "ld.so.cache")


def test_a_system_that_cannot_tell_is_no_system_without_libraries() -> None:
    class Silent(Linux):
        def _stat(self, key: str, path: str) -> Any:
            raise Unsupported(key, "not in the recording")

    with pytest.raises(SourceError):
        loaded(Silent({"/app/libroot.so": elf(A), f"/usr/lib/{A}": elf()}))


def test_a_damaged_cache_is_no_cache() -> None:
    class Damaged(Linux):
        def answer(self, kind: str, key: str, *question: Any) -> Any:
            if kind == "loader_cache":
                raise Malformed(key, "damaged")
            return super().answer(kind, key, *question)

    assert loaded(Damaged({"/app/libroot.so": elf(A), f"/usr/lib/{A}": elf()}))[A] == (f"/usr/lib/{A}", "default folder")


@pytest.mark.parametrize(
    ("text", "working", "expected"),
    [
        (None, "/w", ()), ("", "/w", ()), ("/a:/b;/a/", None, ("/a", "/b")), ("/a:", "/w", ("/a", "/w")),
        ("lib:/a", "/w", ("/w/lib", "/a")), ("lib:/a", None, ("/a",)),
    ],
)  # fmt: skip
def test_library_path(text: str | None, working: str | None, expected: tuple[str, ...]) -> None:
    assert parse_library_path(text, working) == expected


def test_preload() -> None:
    assert parse_preload("/a/b.so libc.so:/d") == ("/a/b.so", "libc.so", "/d")
    assert parse_preload(None) == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$ORIGIN/../lib", "/o/../lib"), ("${ORIGIN}/$LIB", "/o/lib64"), ("/x/$PLATFORM", "/x/x86_64"),
        ("$ORIGINAL", "$ORIGINAL"), ("/plain", "/plain"),
    ],
)  # fmt: skip
def test_tokens(path: str, expected: str) -> None:
    assert expand_tokens(path, "/o", "x86_64", "lib64") == expected
