"""Laws of compat: whatever is asked, only bad input is refused, and an answer is whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.compat.answering import answer_question
from envdoctor.compat.asked import parse_asked
from envdoctor.errors import BadInput
from envdoctor.model.findings import Severity
from envdoctor.rules import rule_names
from tests.compat.asking import ask, knowledge

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
NAMES = st.sampled_from(
    ["torch", "torchvision", "torchaudio", "tensorflow", "tensorflow[and-cuda]", "jax", "jax[cuda12]", "jax[cuda13]", "vllm",
     "onnxruntime-gpu", "onnxruntime-gpu[cuda,cudnn]", "numpy", "mxnet", "cupy-cuda12x", "cudf-cu12", "bitsandbytes", "xformers",
     "triton", "flash-attn", "paddlepaddle-gpu", "nvidia-cudnn-cu12", "keras", "no-such-thing"]
)  # fmt: skip
VERSIONS = st.sampled_from(
    ["", "==2.9.1", "==2.7.1+cu118", "==2.9.1+rocm6.4", ">=2", "<1", "==0.12.0", "~=2.5", "!=2.9.1", "==99", "==1.26.*", ">=3,<2"]
)
REQUIREMENTS = st.lists(st.tuples(NAMES, VERSIONS).map("".join), min_size=1, max_size=3)
PARTS = st.sampled_from(
    ["gpu=NVIDIA A100", "gpu=Tesla K80", "gpu=GeForce GTX 1080", "gpu=TITAN X", "gpu=GeForce RTX 5090", "gpu=none",
     "gpu=Nobody 1", "gpu=AMD Radeon RX 6700 XT", "gpu=Intel Arc A770",
     "driver=470.256.02", "driver=550.54.15", "driver=580.95.05", "driver=1.0",
     "driver=999.1", "os=windows", "os=macos", "os=macos 13", "os=alpine", "os=void", "os=ubuntu 22.04", "machine=aarch64",
     "machine=x86_64", "glibc=2.17", "glibc=2.39", "python=3.8", "python=3.12", "python=3.15", "python=3.99", "count=8",
     "memory=80GiB", "cpu=x86-64-v1"]
)  # fmt: skip


def joined(parts: list[str]) -> str | None:
    """A target with every key once."""
    return ",".join({part.partition("=")[0]: part for part in parts}.values()) or None


@settings(max_examples=150, deadline=None)
@given(REQUIREMENTS, st.lists(PARTS, max_size=5).map(joined))
def test_every_question_has_a_whole_answer(requirements: list[str], target: str | None) -> None:
    answer = answer_question(knowledge(), requirements, target).answer
    failed = any(finding.severity is Severity.ERROR for finding in answer.findings)
    assert answer.verdict == ("fails" if failed else "unknown" if answer.undecided else "works")
    assert not any("crashed" in reason or "Error:" in reason for _rule, reason in answer.undecided)
    for finding in answer.findings:
        assert finding.detail.endswith("."), finding.detail
        assert finding.evidence, finding.title
        assert finding.rule in SPOKEN, finding.rule


def answer_or_message(requirements: list[str], target: str | None, python: str | None) -> str:
    """The verdict, or the one line that says what cannot be read."""
    try:
        return answer_question(knowledge(), requirements, target, python).answer.verdict
    except BadInput as error:
        return str(error)


SPOKEN = {*rule_names(), "wheel-index-wrong", "extension-arch-mismatch", "gpu-feature-unsupported"}


@settings(max_examples=40, deadline=None)
@given(NAMES, st.lists(PARTS, max_size=4).map(joined))
def test_a_best_works_when_it_is_asked_for(name: str, target: str | None) -> None:
    found = answer_question(knowledge(), [name], target, best=True)
    if found.best is not None:
        assert answer_question(knowledge(), found.best.packages, target).answer.verdict == "works"


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_TEXT | st.tuples(NAMES, ANY_TEXT).map("".join), max_size=4), ANY_TEXT | st.none(), ANY_TEXT | st.none())
def test_only_bad_input_is_refused(requirements: list[str], target: str | None, python: str | None) -> None:
    assert answer_or_message(requirements, target, python)


@pytest.mark.parametrize(
    "text",
    ["", "torch=2.9.1", "torch==", "torch @ https://example.org/a.whl", "./a.whl", "torch; python_version > '3'", "a" * 400,
     "-r x", "torch==not.a.version", "torch===weird", "torch>=2.0+cu118"],
)  # fmt: skip
def test_what_is_no_requirement_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="compat: "):
        parse_asked([text])


def test_too_many_requirements_are_refused() -> None:
    with pytest.raises(BadInput, match="more than"):
        parse_asked(["torch"] * 51)


def test_lines_about_one_package_are_one_requirement() -> None:
    (asked,) = parse_asked(["Torch>=2.5", "torch<2.8", "TORCH[extra]"])
    assert (asked.name, asked.extras) == ("torch", ("extra",))
    answer = ask("torch>=2.5 torch<2.8", "gpu=NVIDIA A10,driver=550.54.15,python=3.12").answer
    assert [str(one.installed_version) for one in answer.chosen if one.asked.name == "torch"] == ["2.7.1+cu126"]
