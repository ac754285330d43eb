"""Whole texts of each format → facts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.messages import with_messages
from envdoctor.knowledge.supposing import suppose_facts
from envdoctor.model.facts import Facts, Unknown
from envdoctor.model.findings import Severity, Verdict
from envdoctor.reports.reading import read_report
from envdoctor.rules import load_rules
from tests.reports import texts

KNOWLEDGE, RULES = load_knowledge(), load_rules(for_profile=False)


def facts_of(text: str) -> Facts:
    return read_report(text, "a text")[0]


def framework(facts, name="torch"):
    return facts.environment.framework(name)


def gpu_names(facts):
    return [gpu.name for gpu in facts.gpus]


def test_collect_env_of_torch_1_0():
    facts = facts_of(texts.COLLECT_ENV_OLD)
    assert (facts.os.system, facts.os.id, facts.os.version) == ("linux", "ubuntu", "16.04.6")
    assert framework(facts).cuda_version == Version("9.0")
    assert str(framework(facts).version) == "1.0.1.post2"
    assert gpu_names(facts) == ["GeForce GTX 1080 Ti"] * 2
    assert str(facts.driver.version) == "390.87"
    assert [str(one.version) for one in facts.toolkits] == ["9.0.176"]
    assert [str(one.version) for one in facts.cudnns] == ["7.4.2"]
    assert facts.environment.package("torchvision").installer == "conda"


def test_collect_env_of_torch_2():
    facts = facts_of(texts.COLLECT_ENV)
    assert (facts.os.machine, str(facts.os.libc_version), facts.os.wsl) == ("x86_64", "2.36", None)
    assert (framework(facts).flavour, framework(facts).cuda_version) == ("cuda", Version("12.4"))
    assert str(facts.environment.interpreter.version) == "3.11.2"
    assert gpu_names(facts) == ["NVIDIA L4"]
    assert "avx512f" in facts.cpu.features
    assert isinstance(facts.toolkits, Unknown)
    assert facts.tool("gcc").version == Version("12.2.0")


def test_vllm_and_sglang_print_columns():
    facts = facts_of(texts.VLLM)
    assert (facts.os.machine, gpu_names(facts)) == ("aarch64", ["NVIDIA GB10"])
    assert (str(framework(facts).version), framework(facts).cuda_version) == ("2.9.0+cu130", Version("13.0"))
    assert str(facts.environment.package("vllm").version) == "0.11.2"


def test_transformers_env_on_windows():
    facts = facts_of(texts.TRANSFORMERS)
    assert (facts.os.system, facts.os.libc) == ("windows", None)
    assert gpu_names(facts) == ["NVIDIA GeForce RTX 4070 Laptop GPU"]
    assert str(framework(facts).version) == "2.5.1+cu121"
    assert framework(facts, "tensorflow") is None
    assert str(facts.environment.package("transformers").version) == "4.46.3"


def test_accelerate_env_inside_wsl():
    facts = facts_of(texts.ACCELERATE)
    assert (facts.os.system, facts.os.wsl, str(facts.os.libc_version)) == ("linux", 2, "2.35")
    assert gpu_names(facts) == ["NVIDIA GeForce RTX 3060"]


def test_ds_report_has_dotted_leaders():
    facts = facts_of(texts.DS_REPORT)
    assert (str(framework(facts).version), framework(facts).cuda_version) == ("2.1.2+cu118", Version("11.8"))
    assert [str(one.version) for one in facts.toolkits] == ["12.2"]
    assert str(facts.environment.package("deepspeed").version) == "0.12.6"


def test_xformers_info():
    facts = facts_of(texts.XFORMERS_INFO)
    assert str(facts.environment.package("xformers").version) == "0.0.27.post2"
    assert str(framework(facts).version) == "2.4.0+cu121"
    assert gpu_names(facts) == ["NVIDIA RTX 4000 Ada"]


def test_a_form_has_its_facts_under_headings():
    facts = facts_of(texts.TENSORFLOW_FORM)
    assert (facts.os.system, str(framework(facts, "tensorflow").version)) == ("windows", "2.16.2")
    assert [str(one.version) for one in facts.toolkits] == ["12.3"]
    assert gpu_names(facts) == ["RTX 4060"]


def test_jax_environment_info():
    facts = facts_of(texts.JAX)
    assert (facts.os.system, facts.os.machine, facts.os.kernel) == ("linux", "x86_64", "5.15.0-1060-gcp")
    assert str(framework(facts, "jax").version) == "0.4.35"
    assert str(facts.environment.package("jaxlib").version) == "0.4.34"


@pytest.mark.parametrize(
    ("text", "driver", "cuda", "names"),
    [
        (texts.SMI_TABLE, "590.44.01", "13.1", ["NVIDIA GeForce RTX 5060"]),
        (texts.SMI_Q, "535.230.02", "12.2", ["NVIDIA A30"]),
        (texts.SMI_XML, "550.90.07", "12.4", ["Tesla T4"]),
    ],
    ids=["table", "-q", "-q -x"],
)
@pytest.mark.parametrize("before", ["", "$ nvidia-smi\n", "The GPU is fine:\n```\n"])
def test_nvidia_smi_in_its_forms(text, driver, cuda, names, before):
    facts = facts_of(before + text)
    assert (str(facts.driver.version), str(facts.driver.cuda_version), gpu_names(facts)) == (driver, cuda, names)


def test_pip_list_tells_the_build_by_its_cuda_wheels():
    torch = framework(facts_of(texts.PIP_LIST))
    assert (torch.flavour, torch.cuda_version) == ("cuda", Version("12.4"))


def test_conda_list_tells_the_build_by_its_build_string():
    facts = facts_of(texts.CONDA_LIST)
    assert framework(facts).cuda_version == Version("12.1")
    assert facts.environment.package("mkl").installer == "conda"
    assert isinstance(facts.environment.package("xformers").installer, Unknown)


def test_several_texts_in_one_and_in_any_order():
    parts = [texts.COLLECT_ENV, texts.SMI_Q, texts.PIP_LIST, "nvcc: release\nCuda compilation tools, release 12.6, V12.6.20"]
    for order in (parts, parts[::-1]):
        facts = facts_of("\n```\n".join(order))
        assert str(facts.driver.version) == "535.230.02"
        assert [str(one.version) for one in facts.toolkits][:1] == ["12.6.20"] or len(facts.toolkits) == 1
        assert framework(facts).cuda_version == Version("12.4")


@pytest.mark.parametrize("text", [texts.COLLECT_ENV, texts.VLLM, texts.TRANSFORMERS, texts.TENSORFLOW_FORM, texts.SMI_TABLE])
@pytest.mark.parametrize(
    "paste",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n".join(f"> {line}" for line in text.split("\n")),
        lambda text: f"Hello\n```text\n{text}\n```\nbye",
        lambda text: f"\ufeff{text}\0",
    ],
    ids=["windows", "quoted", "fenced", "marked"],
)
def test_how_it_was_pasted_changes_nothing(text, paste):
    plain, pasted = facts_of(text), facts_of(paste(text))
    assert gpu_names(plain) == gpu_names(pasted) if isinstance(plain.gpus, tuple) else isinstance(pasted.gpus, Unknown)
    assert str(getattr(plain.driver, "version", "")) == str(getattr(pasted.driver, "version", ""))
    if not isinstance(plain.environment, Unknown):
        assert [(one.name, one.version) for one in plain.environment.frameworks] == [
            (one.name, one.version) for one in pasted.environment.frameworks
        ]


def test_what_a_text_does_not_say_is_unknown():
    facts = facts_of("torch==2.5.1\n")
    for name in ("os", "container", "cpu", "memory", "disks", "driver", "gpus", "toolkits", "cudnns", "variables"):
        assert isinstance(getattr(facts, name), Unknown), name
    assert "does not say" in facts.os.reason


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("GPU: 2xA100", ["A100", "A100"]),
        ("GPU: 5070TI", ["GeForce RTX 5070 Ti"]),
        ("显卡: RTX 3090", ["RTX 3090"]),
        ("running on a GTX 1660 SUPER with 16 GB", ["GTX 1660 SUPER"]),
        ("GPU models and configuration: Could not collect", None),
        ("an old K2200 GPU", ["K2200"]),
        (r"C:\Program Files\NVIDIA GPU Computing Toolkit\CUDA\v11.8\bin", None),
    ],
)
def test_gpus_as_people_write_them(text, names):
    gpus = facts_of(text).gpus
    assert [gpu.name for gpu in gpus] == names if names else isinstance(gpus, Unknown)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("export LD_LIBRARY_PATH=/usr/local/cuda/lib64", "LD_LIBRARY_PATH", "/usr/local/cuda/lib64"),
        ("$ CUDA_VISIBLE_DEVICES=3 python train.py", "CUDA_VISIBLE_DEVICES", "3"),
        ('os.environ["CUDA_VISIBLE_DEVICES"] = "-1"', "CUDA_VISIBLE_DEVICES", "-1"),
        ("$ echo $LD_LIBRARY_PATH\n/opt/rocm/lib:", "LD_LIBRARY_PATH", "/opt/rocm/lib:"),
    ],
)
def test_variables(text, name, value):
    assert facts_of(text).variables[name] == value


def test_a_session_of_python_answers_line_by_line():
    asked = ">>> torch.__version__\n'2.4.1+rocm6.1'\n>>> torch.cuda.get_device_name(0)\n'AMD Radeon RX 7900 XTX'"
    facts = facts_of(f">>> import torch\n{asked}")
    assert framework(facts).flavour == "rocm"
    assert [(gpu.vendor, gpu.name) for gpu in facts.gpus] == [("amd", "AMD Radeon RX 7900 XTX")]


HEALTHY = [texts.COLLECT_ENV, texts.VLLM, texts.TRANSFORMERS, texts.ACCELERATE, texts.JAX, texts.SMI_Q, texts.PIP_LIST]


@pytest.mark.parametrize("text", HEALTHY)
def test_a_healthy_text_has_no_errors(text):
    facts, lines = read_report(text, "a text")
    report = diagnose(with_messages(suppose_facts(facts, KNOWLEDGE), KNOWLEDGE, lines), None, KNOWLEDGE, RULES)
    assert [one.title for one in report.findings if one.severity is Severity.ERROR] == []
    assert report.count(Verdict.CRASH) == 0


PIECES = st.sampled_from([line for name in dir(texts) if name.isupper() for line in getattr(texts, name).splitlines()])
LINES = st.lists(st.one_of(PIECES, st.text(max_size=40), PIECES.map(lambda line: line[: len(line) // 2])), max_size=25)


@settings(max_examples=120, deadline=None)
@given(LINES.map("\n".join))
def test_no_text_raises_or_crashes_a_rule(text):
    facts, lines = read_report(text, "a text")
    report = diagnose(with_messages(suppose_facts(facts, KNOWLEDGE), KNOWLEDGE, lines), None, KNOWLEDGE, RULES)
    assert [outcome.reason for outcome in report.outcomes if outcome.verdict is Verdict.CRASH] == []
