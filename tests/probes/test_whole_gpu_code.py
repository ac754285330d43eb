"""A sample of GPU code in every check, all of it with --deep."""

from __future__ import annotations

from typing import Any

import pytest

from envdoctor.model.binaries import GpuCode
from envdoctor.probes.python_environment import probe_environment
from tests.probes.environments import PREFIX, SITE, Box, distribution, installation, virtual_environment

LIBRARY = f"{SITE}/xformers/_C.so"
SAMPLE = GpuCode(counts=(("sm_80", 2),), container=".nv_fatbin", entries=2, regions=8, regions_total=90, is_whole=False)
WHOLE = GpuCode(counts=(("sm_80", 90), ("sm_90a", 1)), container=".nv_fatbin", entries=91, regions=90, regions_total=90)


class Compiled(Box):
    """A machine with a library that holds GPU code."""

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        if kind == "gpu_code" and question[0] == LIBRARY:
            return WHOLE if question[1] else SAMPLE
        return super().answer(kind, key, *question)


@pytest.mark.parametrize(("deep", "code", "sampled"), [(False, ("sm_80",), True), (True, ("sm_80", "sm_90a"), False)])
def test_all_of_it_with_deep(deep: bool, code: tuple[str, ...], sampled: bool) -> None:
    box = Compiled(installation() | virtual_environment() | distribution("xformers", "0.0.33+cu128") | {LIBRARY: ""})
    found = probe_environment(box, PREFIX, deep=deep)
    (framework,) = found.frameworks  # type: ignore[union-attr, misc]
    assert (framework.gpu_code, framework.gpu_code_is_sample) == (code, sampled)
    assert ("sampled 8 of 90 regions" in framework.gpu_code_source) is sampled
