"""Symbols that extensions need and the installed torch does not export."""

from __future__ import annotations

from typing import Any

from envdoctor.model.unknown import Unknown
from envdoctor.probes.python_environment import probe_environment
from envdoctor.system.port import Malformed
from tests.probes.environments import PREFIX, SITE, Box, distribution, installation, virtual_environment

LIBRARY = f"{SITE}/flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so"
PROVIDERS = (f"{SITE}/torch/lib/libc10.so", f"{SITE}/torch/lib/libtorch_cpu.so")


class Symbols(Box):
    """A machine whose libraries lack stated symbols."""

    missing: tuple[str, ...] | None = ()
    asked: tuple[Any, ...] = ()

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        if kind != "missing_symbols":
            return super().answer(kind, key, *question)
        self.asked = question
        if self.missing is None:
            raise Malformed(key, "damaged")
        return self.missing


def environment(missing: tuple[str, ...] | None, *, deep: bool = True, torch: bool = True) -> tuple[Symbols, Any]:
    files = {
        **installation(), **virtual_environment(), **distribution("flash_attn", "2.8.3"), LIBRARY: "",
    }  # fmt: skip
    if torch:
        files |= distribution("torch", "2.9.1") | dict.fromkeys((*PROVIDERS, f"{SITE}/torch/lib/libshm.so"), "")
    box = Symbols(files)
    box.missing = missing
    found = probe_environment(box, PREFIX, deep=deep)
    return box, next(one for one in found.frameworks if one.name == "flash-attn")  # type: ignore[union-attr]


def test_missing_symbols_of_an_extension() -> None:
    box, framework = environment(("_ZN3c105ErrorC1Ev",))
    assert framework.missing_symbols == ("_ZN3c105ErrorC1Ev",)
    assert box.asked == (LIBRARY, PROVIDERS)


def test_nothing_is_missing() -> None:
    assert environment(())[1].missing_symbols == ()


def test_a_library_that_cannot_be_read() -> None:
    assert isinstance(environment(None)[1].missing_symbols, Unknown)


def test_not_looked_at() -> None:
    assert environment(("x",), deep=False)[1].missing_symbols is None
    assert environment(("x",), torch=False)[1].missing_symbols is None
