"""Extensions that do not build or do not load, as people paste them, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

DETECTRON = (
    "sys.platform linux\ndetectron2._C {state}\nCUDA compiler Cuda compilation tools, release {nvcc}\n"
    "PyTorch 1.9.0 @/home/me/lib/python3.8/site-packages/torch\nPyTorch built with:\n  - CUDA Runtime 11.1\n"
)
CUMM = (
    'File "/opt/lib/python3.7/site-packages/spconv/core.py", line 21\n'
    "ImportError: cannot import name '{0}' from 'cumm.conv.main'"
)
MESSAGES = {
    "build-isolation": [
        "pip install -r requirements.txt\nRequirement already satisfied: torch>=2.4 in ./lib (2.9.0)\n"
        "Collecting flash_attn==2.8.0\nModuleNotFoundError: No module named 'torch'",
        "安装 flash_attn 时报错 ModuleNotFoundError: No module named 'torch'",
        "Error while installing detectron2: No module named torch",
        "pip install -U mamba-ssm\nModuleNotFoundError: No module named 'torch'",
    ],
    "nvcc-torch-mismatch": [
        DETECTRON.format(state="not built correctly: No module named 'detectron2._C'", nvcc="10.1, V10.1.243"),
        DETECTRON.format(state="failed to import. detectron2 is not built correctly", nvcc="9.1, V9.1.85"),
    ],
    "extension-binary-missing": [
        DETECTRON.format(state="not built correctly: No module named 'detectron2._C'", nvcc="11.3, V11.3.109"),
    ],
    "dependency-conflict": [CUMM.format("ConvBwdWeight")],
}
SILENT = [
    "python train.py\nModuleNotFoundError: No module named 'torch'",
    CUMM.format("model") + " (most likely due to a circular import)",
]


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in MESSAGES.items() for text in texts])
def test_a_build_or_an_import_that_fails_has_its_cause(rule: str, text: str) -> None:
    assert cause_of(text) == rule


@pytest.mark.parametrize("text", SILENT)
def test_what_says_too_little_raises_no_error(text: str) -> None:
    assert causes_of(text) == []
