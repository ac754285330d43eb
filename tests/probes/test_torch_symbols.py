"""Symbols that extensions need and the installed torch does not export."""

from __future__ import annotations

from typing import Any

from envdoctor.model.unknown import Unknown
from envdoctor.probes.python_environment import probe_environment
from envdoctor.system.port import Binary, Malformed
from tests.probes.environments import PREFIX, SITE, Box, distribution, installation, virtual_environment

LIBRARY = f"{SITE}/flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so"
PROVIDERS = (f"{SITE}/torch/lib/libc10.so", f"{SITE}/torch/lib/libtorch_cpu.so")


class Symbols(Box):
    """A machine whose libraries lack stated symbols."""

    missing: tuple[str, ...] | None = ()
    asked: tuple[Any, ...] = ()
    lacking = (LIBRARY, f"{SITE}/amp_C.so")

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        if kind != "missing_symbols":
            return super().answer(kind, key, *question)
        if question[0] not in self.lacking:
            return ()
        self.asked = question
        if self.missing is None:
            raise Malformed(key, "damaged")
        return self.missing


def environment(missing: tuple[str, ...] | None, *, deep: bool = True, torch: bool = True) -> tuple[Symbols, Any]:
    """flash-attn with a library and one that needs nothing, and apex, whose library lies beside all packages."""
    own, other, lost = (LIBRARY, f"{SITE}/flash_attn/_plain.so", f"{SITE}/amp_C.so")
    record = "".join(f"{path.removeprefix(SITE + '/')},,\n" for path in (own, other))
    files = {**installation(), **virtual_environment(), **distribution("flash_attn", "2.8.3", RECORD=record)}
    files |= distribution("apex", "0.1", RECORD="amp_C.so,,\n")
    if torch:
        files |= distribution("torch", "2.9.1") | dict.fromkeys((*PROVIDERS, f"{SITE}/torch/lib/libshm.so"), "")
    needs = Binary("elf", "x86_64", needed=("libc10.so", "libc.so.6"))
    box = Symbols(files, binaries={own: needs, other: Binary("elf", "x86_64", needed=("libc.so.6",)), lost: needs})
    box.missing = missing
    return box, probe_environment(box, PREFIX, deep=deep)


def test_missing_symbols_of_every_library_that_needs_torch() -> None:
    box, found = environment(("_ZN3c105ErrorC1Ev",))
    assert [(one.package, one.path, one.missing_symbols) for one in found.torch_extensions] == [
        ("flash-attn", LIBRARY, ("_ZN3c105ErrorC1Ev",)),
        ("apex", f"{SITE}/amp_C.so", ("_ZN3c105ErrorC1Ev",)),
    ]
    assert box.asked == (f"{SITE}/amp_C.so", PROVIDERS)


def test_a_library_that_does_not_say_that_it_needs_torch() -> None:
    box, _found = environment(("x",))
    box.lacking = (f"{SITE}/flash_attn/_plain.so",)
    looked = probe_environment(box, PREFIX, deep=True).torch_extensions  # type: ignore[union-attr]
    assert [(one.path, one.missing_symbols) for one in looked or ()] == [
        (LIBRARY, ()),
        (f"{SITE}/flash_attn/_plain.so", ("x",)),
        (f"{SITE}/amp_C.so", ()),
    ]


def test_nothing_is_missing() -> None:
    assert {one.missing_symbols for one in environment(())[1].torch_extensions} == {()}


def test_a_library_that_cannot_be_read() -> None:
    assert all(isinstance(one.missing_symbols, Unknown) for one in environment(None)[1].torch_extensions)


def test_a_few_are_looked_at_without_deep() -> None:
    looked = environment(("x",), deep=False)[1].torch_extensions
    assert [(one.package, one.path) for one in looked] == [("flash-attn", LIBRARY), ("apex", f"{SITE}/amp_C.so")]


def test_not_looked_at() -> None:
    assert environment(("x",), deep=False, torch=False)[1].torch_extensions is None
    assert environment(("x",), torch=False)[1].torch_extensions == ()
