"""Dockerfiles are read as Docker reads them, as far as a text can be."""

from __future__ import annotations

import pytest

from envdoctor.dockerfile.expanding import expand
from envdoctor.dockerfile.parsing import parse_dockerfile
from envdoctor.dockerfile.reading import read_recipes
from envdoctor.dockerfile.shell import commands_of
from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.parent_images import base_image, carries_driver, system_python
from envdoctor.model.facts import Facts, Subject, Unknown
from envdoctor.model.findings import Verdict
from envdoctor.model.recipe import Recipe
from envdoctor.rules import load_recipe_rules
from tests.dockerfile.patterns import CUDA_RUNTIME, HEALTHY, MISTAKES, SLIM

KNOWLEDGE = load_knowledge(shipped_only=True)


def recipe(text: str) -> Recipe:
    return read_recipes(text, KNOWLEDGE)[0]


@pytest.mark.parametrize(
    ("text", "scope", "value"),
    [
        ("a$X", {"X": "1"}, "a1"),
        ("${X}b", {"X": "1"}, "1b"),
        ("${X:-d}", {}, "d"),
        ("${X:-d}", {"X": ""}, "d"),
        ("${X-d}", {"X": ""}, ""),
        ("${X:+y}", {"X": "1"}, "y"),
        ("${X#cu}", {"X": "cu124"}, "124"),
        ("${X%.1}", {"X": "12.4.1"}, "12.4"),
        ("${X%.*}", {"X": "12.4.1"}, None),
        ("${X//./}", {"X": "12.4"}, None),
        ("$(uname -m)", {}, None),
        ("$X", {"X": None}, None),
        ("${X:-$Y}", {"Y": "2"}, "2"),
        (r"\$X", {"X": "1"}, "$X"),
        ("$Y", {}, ""),
    ],
)
def test_variables(text: str, scope: dict[str, str | None], value: str | None) -> None:
    found = expand(text, scope)
    assert found == value or (text.startswith("\\") and found in {"$X", "1"})


def test_lines_of_words_are_those_of_the_file() -> None:
    text = "FROM a\nRUN one && \\\n  # why\n  two \\\n\n    three ; four 'a \\\n b' | five\n"
    run = parse_dockerfile(text)[1]
    found = {word: command.line_of(place) for command in commands_of(run) for place, word in enumerate(command.argv)}
    assert {word: found[word] for word in ("one", "two", "three", "four")} == {"one": 2, "two": 4, "three": 6, "four": 6}


def test_backquotes_can_continue_lines() -> None:
    one = parse_dockerfile("# escape=`\nFROM a\nRUN one `\n  two\n")[1]
    assert one.text.split() == ["one", "two"]


def test_a_flag_is_no_part_of_the_command() -> None:
    one = parse_dockerfile("FROM --platform=linux/arm64 a AS b\nRUN --mount=type=cache,target=/x --network=none pip install y\n")
    assert one[0].flag("platform") == "linux/arm64"
    assert one[1].text == "pip install y"


@pytest.mark.parametrize(
    ("name", "distribution", "version", "python", "cuda"),
    [
        ("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", "ubuntu", "22.04", None, "12.4"),
        ("docker.io/nvidia/cuda:11.8.0-runtime-ubi9", "rhel", "9", None, "11.8"),
        ("python:3.12-slim-bookworm", "debian", "12", "3.12", None),
        ("python:3.12", "debian", Unknown, "3.12", None),
        ("python:3.12-alpine3.20", "alpine", "3.20", "3.12", None),
        ("ubuntu:jammy", "ubuntu", "22.04", None, None),
        ("pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime", "ubuntu", Unknown, Unknown, "12.4"),
        ("my/own:1", Unknown, Unknown, None, Unknown),
        ("python:3.12@sha256:abc", "debian", Unknown, "3.12", None),
    ],
)
def test_base_images(name: str, distribution: object, version: object, python: object, cuda: object) -> None:
    found = base_image(KNOWLEDGE, name, 1)
    for said, wanted in (
        (found.distribution, distribution),
        (found.version, version),
        (found.python, python),
        (found.cuda, cuda),
    ):
        assert isinstance(said, Unknown) if wanted is Unknown else (str(said) if said is not None else None) == wanted


@pytest.mark.parametrize(
    ("package", "carried"),
    [
        ("nvidia-driver-550", "driver"), ("libnvidia-compute-535", "driver"), ("cuda-drivers", "driver"), ("cuda", "both"),
        ("cuda-12-4", "both"), ("cuda-toolkit-12-4", None), ("cuda-compat-12-4", None), ("libnvidia-container1", None),
        ("nvidia-container-toolkit", None), ("nvidia-cuda-toolkit", None), ("cuda-nvcc-12-4", None),
    ],
)  # fmt: skip
def test_packages_that_carry_a_driver(package: str, carried: str | None) -> None:
    assert carries_driver(KNOWLEDGE, package) == carried


def test_pythons_of_distributions() -> None:
    assert system_python(KNOWLEDGE, "ubuntu", "24.04") == ("3.12", True)
    assert system_python(KNOWLEDGE, "rocky", "9.4") == ("3.9", False)
    assert system_python(KNOWLEDGE, "ubuntu", "99.04") is None


@pytest.mark.parametrize(
    ("commands", "python"),
    [
        ("RUN pip install a", "3.10"),
        ("RUN python3.11 -m pip install a", "3.11"),
        ("RUN ln -sf /usr/bin/python3.12 /usr/bin/python3\nRUN pip install a", "3.12"),
        ("RUN python3.11 -m venv /v\nENV PATH=/v/bin:$PATH\nRUN pip install a", "3.11"),
        ("RUN uv venv --python 3.13 /v\nENV VIRTUAL_ENV=/v\nRUN uv pip install a", "3.13"),
        ("RUN conda create -n x python=3.11\nRUN pip install a", "3.11"),
    ],
)
def test_which_python_a_command_means(commands: str, python: str) -> None:
    found = recipe(f"FROM ubuntu:22.04\nRUN apt-get install -y python3-pip\n{commands}\n")
    assert [one.python for one in found.installed] == [python]


def test_words_that_only_a_shell_knows_keep_their_place() -> None:
    text = "FROM python:3.12-slim\nRUN X=1 && pip install --index-url $(cat url) torch==2.6.0+cu124 $EXTRA numpy==2.1.0\n"
    found = recipe(text).installed
    assert [one.requirement for one in found] == ["torch==2.6.0+cu124", "numpy==2.1.0"]
    assert found[0].index is not None


def test_variables_of_the_shell_are_followed_where_they_are_plain() -> None:
    found = recipe('FROM python:3.12-slim\nRUN V=2.6.0 && W=$(date) && pip install torch==$V "numpy==$W" scipy==$U\n')
    assert [one.requirement for one in found.installed] == ["torch==2.6.0"]


def test_a_python_that_came_in_a_way_that_nobody_told_is_not_guessed() -> None:
    found = recipe(
        "FROM nvidia/cuda:12.9.1-base-amzn2023\nCOPY --from=other /usr/local /usr/local\nRUN pip install torch==2.9.1\n"
    )
    assert isinstance(found.installed[0].python, Unknown)


def test_indexes_come_from_variables_too() -> None:
    found = recipe("FROM python:3.12-slim\nENV PIP_EXTRA_INDEX_URL=https://a/x\nRUN PIP_INDEX_URL=https://b/y pip install c\n")
    assert (found.installed[0].index, found.installed[0].extra_indexes) == ("https://b/y", ("https://a/x",))


@pytest.mark.parametrize("rule", load_recipe_rules(), ids=lambda rule: rule.name)
def test_every_rule_fails_passes_and_skips_somewhere(rule: object) -> None:
    """None of them can be undecided: what a text does not say, they do not speak of, and leave to what is judged by it."""
    texts = [
        *HEALTHY.values(),
        *(text.replace(old, new) for _name, text, old, new, _rule, _line in MISTAKES),
        SLIM.replace(":3.12-slim-bookworm", ""),
    ]
    facts = Facts(Subject("dockerfile", "Dockerfile"))
    verdicts = {
        outcome.verdict
        for text in texts
        for outcome in diagnose(facts, None, KNOWLEDGE, [rule], recipe=recipe(text)).outcomes  # type: ignore[list-item]
    }
    verdicts |= {outcome.verdict for outcome in diagnose(facts, None, KNOWLEDGE, [rule]).outcomes}  # type: ignore[list-item]
    assert verdicts == {Verdict.FAIL, Verdict.PASS, Verdict.SKIP}


def test_the_runtime_pattern_is_read_whole() -> None:
    found = recipe(CUDA_RUNTIME)
    assert [(one.requirement, one.line) for one in found.installed] == [
        ("torch==2.6.0", 10), ("onnxruntime-gpu==1.20.1", 12), ("numpy==1.26.4", 12),
    ]  # fmt: skip
    assert [(one.name, one.line) for one in found.system_packages] == [("python3", 6), ("python3-pip", 7)]
    assert found.variable("NVIDIA_VISIBLE_DEVICES") == ("all", 3)
