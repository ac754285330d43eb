"""The binary-compatibility rule and its exceptions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.knowledge.gpu_code import INTEGRATED, parse_code, serves

CU126 = "sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90"
CU128 = "sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"
CU130_ARM = "sm_80 sm_90 sm_100 sm_110 sm_120"


@pytest.mark.parametrize(
    ("code", "capability", "by"),
    [
        (CU126, (8, 9), "sm_86"),
        (CU126, (6, 1), "sm_60"),
        (CU126, (5, 2), "sm_50"),
        (CU126, (9, 0), "sm_90"),
        (CU126, (8, 6), "sm_86"),
        ("sm_37 sm_50 sm_60 sm_70", (7, 5), "sm_70"),
        ("sm_35", (3, 7), "sm_35"),
        (CU128, (12, 1), "sm_120"),
        (CU128, (10, 3), "sm_100"),
        (CU128, (10, 7), "sm_100"),
        (CU130_ARM, (11, 0), "sm_110"),
        ("sm_101", (11, 0), "sm_101"),
        ("sm_110", (10, 1), "sm_110"),
        ("sm_90a", (9, 0), "sm_90a"),
        ("sm_100f", (10, 3), "sm_100f"),
        ("sm_120f", (12, 1), "sm_120f"),
        ("sm_87", (8, 7), "sm_87"),
        ("sm_72", (7, 2), "sm_72"),
    ],
)
def test_machine_code_that_serves(code: str, capability: tuple[int, int], by: str) -> None:
    verdict = serves(code.split(), capability)
    assert verdict.by == by
    assert verdict.native
    assert verdict.side is None


@pytest.mark.parametrize(
    ("code", "capability", "side"),
    [
        (CU126, (12, 0), "too-new"),
        (CU126, (10, 0), "too-new"),
        (CU128, (6, 1), "too-old"),
        (CU128, (3, 7), "too-old"),
        ("sm_37 sm_50 sm_60 sm_70", (8, 0), "too-new"),
        ("sm_75 sm_80 sm_86 sm_89 sm_90 sm_120", (10, 0), "between"),
        (CU126, (8, 7), "between"),
        (CU126, (5, 3), "between"),
        ("sm_86", (8, 0), "too-old"),
        ("sm_90a", (9, 1), "too-new"),
        ("sm_100a", (10, 3), "too-new"),
        ("sm_120a", (12, 1), "too-new"),
        ("sm_103f", (10, 0), "too-old"),
        ("sm_100f", (12, 0), "too-new"),
        ("sm_100", (11, 0), "too-new"),
        ("sm_72", (7, 5), "too-new"),
        ("sm_87", (8, 9), "too-new"),
        ("sm_70", (7, 2), "too-new"),
    ],
)
def test_machine_code_that_does_not_serve(code: str, capability: tuple[int, int], side: str) -> None:
    verdict = serves(code.split(), capability)
    assert not verdict.native
    assert not verdict.served
    assert verdict.side == side


def test_ptx_serves_what_is_not_older() -> None:
    verdict = serves(["sm_60", "sm_70", "compute_70", "compute_90"], (12, 0))
    assert (verdict.by, verdict.ptx, verdict.side) == (None, "compute_90", "too-new")
    assert verdict.served
    assert serves(["sm_60", "compute_90"], (8, 0)).ptx is None


def test_specific_ptx_is_as_narrow_as_specific_machine_code() -> None:
    assert serves(["compute_90a"], (10, 0)).ptx is None
    assert serves(["compute_100f"], (10, 3)).ptx == "compute_100f"


def test_builds_of_cuda_13_2_share_code_with_jetson() -> None:
    assert serves(CU130_ARM.split(), (8, 7)).by is None
    assert serves(CU130_ARM.split(), (8, 7), integrated_shares=True).by == "sm_80"


def test_without_code_nothing_is_said() -> None:
    verdict = serves([], (8, 0))
    assert (verdict.by, verdict.ptx, verdict.side) == (None, None, None)


@pytest.mark.parametrize("name", ["gfx942", "sm_", "sm_9", "sm_x0", "compute", "", "sm_90x", "sm_९०"[:3]])
def test_other_words_are_no_code(name: str) -> None:
    assert parse_code(name) is None


CAPABILITIES = st.tuples(st.integers(2, 15), st.integers(0, 9))


@settings(max_examples=100, deadline=None)
@given(CAPABILITIES, CAPABILITIES)
def test_machine_code_never_crosses_majors_and_never_serves_older(code: tuple[int, int], capability: tuple[int, int]) -> None:
    verdict = serves([f"sm_{code[0]}{code[1]}"], capability)
    if verdict.native and {code, capability} != {(10, 1), (11, 0)}:
        assert code[0] == capability[0]
        assert code[1] <= capability[1]
    if code == capability:
        assert verdict.native
    if capability in INTEGRATED and code not in INTEGRATED:
        assert not verdict.native


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_code_or_is_not(text: str) -> None:
    code = parse_code(text)
    assert code is None or code.name == text.strip().lower()
