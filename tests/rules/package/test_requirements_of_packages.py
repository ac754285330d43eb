"""Rules about what installed packages require of each other."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Confidence, Severity
from tests.rules.facts import UNKNOWN, environment, framework, machine, package, torch, windows, with_framework
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED


def holding(*packages, **changes):
    return machine(environment=environment(*packages), **changes)


def left_behind(*more, **changes):
    """What an interrupted pip leaves of numpy."""
    own = package(
        "~umpy-1.0.dist-info",
        UNKNOWN,
        requires=UNKNOWN,
        path="/env/~umpy-1.0.dist-info",
        fault="left behind by an interrupted install",
    )
    return holding(own, *more, **changes)


OLD_PANDAS = package("pandas", "2.1.0", "numpy>=1.22")
NUMPY2, NUMPY1 = package("numpy", "2.1.3"), package("numpy", "1.26.4")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            holding(NUMPY2, package("thing", "1.0", "numpy<2,>=1.21")),
            FAIL,
            ["thing 1.0 requires numpy<2,>=1.21"],
        ),
        (holding(NUMPY2, OLD_PANDAS), FAIL, ["compiled for NumPy 1", "numpy<2", "pandas 2.2.2 or newer"]),
        (
            holding(NUMPY2, OLD_PANDAS, package("scipy", "1.11.4", "numpy<1.28.0,>=1.21.6")),
            FAIL,
            ["pandas 2.1.0 and scipy 1.11.4 do not run with NumPy 2.1.3", "numpy<2", "pandas 2.2.2 and scipy 1.13.0 or newer"],
        ),
        (holding(NUMPY2, package("torch", "2.2.2")), FAIL, ["torch 2.2.2 does not run with NumPy 2.1.3"]),
        (holding(NUMPY2, package("torch", "2.4.0"), os=windows()), FAIL, ["2.4.1"]),
        (holding(NUMPY2, package("torch", "2.4.0")), PASS, []),
        (holding(NUMPY2, package("pandas", "2.2.3")), PASS, []),
        (holding(NUMPY1, OLD_PANDAS), PASS, []),
        (holding(OLD_PANDAS), SKIP, ["numpy is not installed"]),
        (holding(NUMPY2, package("x", "1.0", requires=UNKNOWN)), UNDECIDED, []),
        (holding(package("numpy", UNKNOWN)), UNDECIDED, []),
    ],
)
def test_numpy2_abi(facts, verdict, words):
    expect("package.numpy2_abi", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            holding(package("protobuf", "6.33.0"), package("tensorflow", "2.15.1", "protobuf<5.0,>=3.20.3")),
            FAIL,
            ["protobuf 6.33.0 does not fit tensorflow", "protobuf<5.0,>=3.20.3"],
        ),
        (
            holding(package("protobuf", "4.25.0"), package("a", "1", "protobuf>=5"), package("b", "1", "protobuf<5,>=3")),
            FAIL,
            ["No version of protobuf satisfies all", "Move b to a release", "a==1 b>1"],
        ),
        (holding(package("protobuf", "5.29.0"), package("onnx", "1.17.0", "protobuf>=3.20.2")), PASS, []),
        (holding(package("onnx", "1.17.0", "protobuf>=3.20.2")), SKIP, []),
        (holding(package("protobuf", "5.29.0"), package("x", "1", requires=UNKNOWN)), UNDECIDED, []),
    ],
)
def test_protobuf_conflict(facts, verdict, words):
    expect("package.protobuf_conflict", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            holding(package("huggingface-hub", "0.20.0"), package("transformers", "4.50.0", "huggingface-hub<1.0,>=0.26.0")),
            FAIL,
            ["huggingface-hub 0.20.0 is installed, which does not fit transformers", "huggingface-hub<1.0,>=0.26.0"],
        ),
        (holding(package("a", "1", "missing-thing>=2")), FAIL, ["a needs missing-thing, which is not installed"]),
        (holding(package("a", "1", 'missing-thing; sys_platform == "win32"')), PASS, []),
        (holding(package("jax", "0.8.1", "jaxlib<=0.8.1,>=0.8.1"), package("jaxlib", "0.8.0")), PASS, []),
        (
            holding(package("mxnet", "1.9.1", "numpy<2.0.0,>1.16.0"), package("numpy", "1.26.4")),
            FAIL,
            ["mxnet 1.9.1 requires numpy<1.24", "numpy<1.24,<2.0.0,>1.16.0"],
        ),
        (holding(package("mxnet", "1.9.1", "numpy<2.0.0,>1.16.0"), package("numpy", "1.23.5")), PASS, []),
        (
            holding(package("vllm", "0.6.6", requires=UNKNOWN), package("transformers", "4.40.0")),
            FAIL,
            ["vllm 0.6.6 requires transformers>="],
        ),
        (holding(package("vllm", "0.6.6"), package("transformers", "4.40.0")), PASS, []),
        (holding(package("a", "1", "b", path="/usr/lib/python3/dist-packages/a-1.egg-info")), PASS, []),
        (holding(package("a", "1", 'missing-thing; extra == "more"')), PASS, []),
        (holding(package("a", "1", "b"), package("b", "1")), PASS, []),
        (left_behind(package("b", "1")), PASS, []),
        (holding(package("a", "1", "numpy<2"), NUMPY2), PASS, []),
        (holding(package("a", "1", "protobuf<2"), package("protobuf", "3")), PASS, []),
        (holding(package("torchvision", "0.20.0", "torch==2.5.0"), package("torch", "2.9.1")), PASS, []),
        (holding(package("x", "1", requires=UNKNOWN), package("a", "1", "c")), FAIL, ["needs c"]),
        (holding(package("x", "1", requires=UNKNOWN)), UNDECIDED, []),
        (holding(), SKIP, ["no packages"]),
        (machine(), SKIP, ["no Python environment"]),
    ],
)
def test_dependency_conflict(facts, verdict, words):
    expect("package.dependency_conflict", facts, verdict, *words)


def test_a_framework_in_conflict_is_an_error_and_others_a_warning():
    found = outcome("package.dependency_conflict", holding(package("a", "1", "x"), package("torch", "2.9.1", "y")))
    assert [finding.severity for finding in found.findings] == [Severity.WARNING, Severity.ERROR]


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (left_behind(), FAIL, ["~umpy-1.0.dist-info was left behind", "rm -r /env/~umpy-1.0.dist-info", "one letter and 'umpy'"]),
        (left_behind(NUMPY2), FAIL, ["numpy is installed beside it", "!Then install"]),
        (left_behind(os=windows()), FAIL, [r"rmdir /s /q \env\~umpy-1.0.dist-info"]),
        (holding(package("numpy", UNKNOWN)), FAIL, ["its version is unknown"]),
        (
            holding(package("pandas", UNKNOWN, path="/env/pandas-2.0.3.dist-info", fault="METADATA is missing")),
            FAIL,
            ["rm -r /env/pandas-2.0.3.dist-info", "pandas==2.0.3"],
        ),
        (holding(NUMPY2), PASS, []),
        (holding(), SKIP, []),
        (machine(environment=UNKNOWN), UNDECIDED, []),
    ],
)
def test_broken_package_metadata(facts, verdict, words):
    expect("package.broken_package_metadata", facts, verdict, *words)


def conda(*packages):
    return machine(environment=environment(*packages, kind="conda"))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            conda(package("numpy", "1.26.4", installer="conda"), NUMPY2),
            FAIL,
            ["1.26.4 by conda, 2.1.3 by pip"],
        ),
        (conda(package("numpy", "1.26.4", installer="conda"), package("torch", "2.9.1")), PASS, []),
        (conda(package("numpy", "1.26.4", installer=UNKNOWN), NUMPY2), PASS, []),
        (holding(NUMPY1, NUMPY2), SKIP, ["not a conda environment"]),
        (machine(environment=UNKNOWN), UNDECIDED, []),
    ],
)
def test_mixed_pip_conda(facts, verdict, words):
    expect("package.mixed_pip_conda", facts, verdict, *words)


TORCH = torch("2.9.1+cu126", cuda="12.6")


def beside_torch(*packages, torch=TORCH, **changes):
    return machine(environment=with_framework(torch, *packages), **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            beside_torch(package("torchvision", "0.20.1", "torch==2.5.1", "numpy")),
            FAIL,
            [
                "torchvision 0.20.1 needs torch==2.5.1; torch 2.9.1+cu126",
                "torch==2.9.1+cu126",
                "https://download.pytorch.org/whl/cu126",
            ],
        ),
        (beside_torch(package("torchvision", "0.24.1+cpu", "torch==2.9.1")), FAIL, ["a build for CPU, torch one for CUDA 12"]),
        (beside_torch(package("torchvision", "0.24.1+cu128", "torch==2.9.1")), PASS, []),
        (beside_torch(package("xformers", "0.0.33", "torch==2.9.0")), FAIL, ["xformers"]),
        (beside_torch(package("torchvision", "0.24.1", "torch==2.9.1")), PASS, []),
        (beside_torch(package("torchaudio", "2.9.1", requires=UNKNOWN)), PASS, []),
        (
            beside_torch(package("torchvision", "0.20.1", "torch==2.5.1"), package("torchaudio", "2.5.1", "torch==2.5.1")),
            FAIL,
            [
                "torchvision 0.20.1 and torchaudio 2.5.1 do not belong to torch 2.9.1+cu126",
                "torch==2.9.1+cu126 torchvision==0.24.1+cu126 torchaudio==2.9.1+cu126",
            ],
        ),
        (
            machine(
                environment=environment(
                    package("torch", "2.9.1+cpu"),
                    package("torchvision", "0.24.1", "torch==2.9.1"),
                    frameworks=(torch("2.9.1+cpu", "cpu"), framework("torchvision", "0.24.1+cu128", cuda="12.8")),
                )
            ),
            FAIL,
            ["torchvision 0.24.1 is a build for CUDA 12, torch one for CPU", "torchvision==0.24.1+cpu"],
        ),
        (beside_torch(package("torchvision", "0.24.0", requires=UNKNOWN)), FAIL, ["needs torch==2.9.0", "torchvision==0.24.1"]),
        (beside_torch(package("torchaudio", "2.11.0")), FAIL, ["torch==2.11.0", "or torch==2.15.0"]),
        (beside_torch(package("xformers", "0.0.33.post1", requires=UNKNOWN)), FAIL, ["needs torch==2.9.0"]),
        (beside_torch(package("torchvision", "0.99.0", requires=UNKNOWN)), UNDECIDED, ["torchvision 0.99.0"]),
        (beside_torch(package("torchvision", "0.2.0", "torch", "numpy")), SKIP, ["states no torch"]),
        (beside_torch(), SKIP, ["no companions"]),
        (machine(environment=environment(package("torchvision", "0.24.1"))), SKIP, ["torch is not installed"]),
    ],
)
def test_torch_companion_mismatch(facts, verdict, words):
    expect("package.torch_companion_mismatch", facts, verdict, *words)


def test_a_triton_of_another_torch():
    torch_package = package("torch", "2.9.1", 'triton==3.5.1; platform_system == "Linux"')
    found = environment(torch_package, package("triton", "3.4.0"), frameworks=(torch("2.9.1", cuda="12.8"),))
    expect("package.torch_companion_mismatch", machine(environment=found), FAIL, "requires triton==3.5.1; 3.4.0 is installed")


@pytest.mark.parametrize(("installer", "sure"), [("pip", True), ("conda", False)])
def test_what_the_index_says_of_another_channels_build_is_likely(installer, sure):
    """conda's TensorFlow may accept another protobuf than the wheel of that version does."""
    tensorflow = package("tensorflow", "2.15.1", requires=UNKNOWN, installer=installer)
    found = outcome("package.protobuf_conflict", holding(package("protobuf", "6.33.0"), tensorflow)).findings
    assert [one.confidence for one in found] == [Confidence.CERTAIN if sure else Confidence.LIKELY]
