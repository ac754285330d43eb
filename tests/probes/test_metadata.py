"""Texts that describe distributions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.model.unknown import Unknown
from envdoctor.probes import metadata
from envdoctor.probes.assignments import parse_assignments, parse_pairs, parse_version
from envdoctor.probes.cuda_versions import parse_cudnn_header, parse_version_json
from envdoctor.probes.frameworks.distribution import tagged_rocm
from envdoctor.probes.frameworks.extensions import parse_xformers


@pytest.mark.parametrize(
    ("name", "normal"), [("PyYAML", "pyyaml"), ("ruamel.yaml.clib", "ruamel-yaml-clib"), ("a__b-._c", "a-b-c"), (" X ", "x")]
)
def test_names_are_normalized(name: str, normal: str) -> None:
    assert metadata.normalize_name(name) == normal


def test_headers_keep_order_and_join_folded_lines() -> None:
    text = (
        "Name: torch\nVERSION:2.9.1\nLicense: long\n        words: of it\nRequires-Dist: a>1\n ;b\nRequires-Dist: c\nnothing\n d"
    )
    assert metadata.parse_headers(text) == {"name": ["torch"], "version": ["2.9.1"], "requires-dist": ["a>1\n;b", "c"]}


@pytest.mark.parametrize(
    ("folder", "parts"),
    [
        ("torch-2.9.1+cu128.dist-info", ("torch", "2.9.1+cu128")),
        ("PyYAML-6.0-py3.9.egg-info", ("PyYAML", "6.0")),
        ("foo-1.0-py3.9-linux-x86_64.egg-info", ("foo", "1.0")),
        ("cryptography.egg-info", ("cryptography", None)),
        (".dist-info", ("", None)),
    ],
)
def test_folder_names(folder: str, parts: tuple[str, str | None]) -> None:
    assert metadata.parse_folder_name(folder) == parts


@pytest.mark.parametrize(
    ("file", "pair"),
    [
        ("numpy-1.26.4-py311h64a7726_0.json", ("numpy", "1.26.4")),
        ("libgcc-ng-13.2.0-h807b86a_5.json", ("libgcc-ng", "13.2.0")),
        ("history", None),
        ("state.json", None),
    ],
)
def test_conda_names(file: str, pair: tuple[str, str] | None) -> None:
    assert metadata.parse_conda_name(file) == pair


def test_egg_requirements_get_markers() -> None:
    text = "numpy>=1.20\n\n[gpu]\ncupy\n\n[:python_version < '3.8']\ntyping\n\n[test:sys_platform == 'linux']\nx @ https://e.org/x.whl\n"
    assert metadata.parse_egg_requirements(text) == (
        "numpy>=1.20",
        'cupy; extra == "gpu"',
        "typing; python_version < '3.8'",
        "x @ https://e.org/x.whl ; (sys_platform == 'linux') and extra == \"test\"",
    )


def test_path_lines_are_never_code() -> None:
    text = "# words\nimport os; os.abort()\n\n../src\nimport\tsys\n/abs/path\nimportant\n"
    assert metadata.parse_path_lines(text) == ("../src", "/abs/path", "important")


def test_pyvenv_settings() -> None:
    text = "home = /usr/bin\nInclude-System-Site-Packages = true\nuv = 0.9.1\nnonsense\n = 3\nprompt = a = b\n"
    stated = {"home": "/usr/bin", "include-system-site-packages": "true", "uv": "0.9.1", "prompt": "a = b"}
    assert metadata.parse_settings(text) == stated


@pytest.mark.parametrize("text", ["", None, "1.0-nonsense+"])
def test_a_version_that_is_none_is_unknown_with_its_text(text: str | None) -> None:
    version = metadata.parse_distribution_version(text)
    assert isinstance(version, Unknown)
    assert (text or "no version") in version.reason


def test_assignments_are_read_and_never_run() -> None:
    text = (
        "from typing import Optional\n__version__ = '2.9.1+cu128'\ncuda: Optional[str] = '12.8'  # words\n"
        "hip: Optional[str] = None\ndebug = False\narchs = [\"70\", '80']\nname = f(1)\nif x == 1:\n    inner = 2\n"
    )
    stated = {"__version__": "2.9.1+cu128", "cuda": "12.8", "hip": None, "debug": False, "archs": ("70", "80")}
    assert parse_assignments(text) == stated


def test_pairs_of_a_written_out_dictionary() -> None:
    text = "info = OrderedDict([('is_cuda_build', True), ('cuda_version', '12.5.1'), ('caps', ['sm_60', \"compute_90\"])])"
    assert parse_pairs(text) == {"is_cuda_build": True, "cuda_version": "12.5.1", "caps": ("sm_60", "compute_90")}


@pytest.mark.parametrize(
    ("text", "version"), [("12.8", Version("12.8")), ("False", None), (None, None), ("", None), (True, None)]
)
def test_versions(text: object, version: Version | None) -> None:
    assert parse_version(text) == version


LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ["Name: x", " folded", "[extra:marker]", "a = 'b'", "a: b = ['c', 'd", "home = ", "import x", "('k', [1, 'a'])"]
        ),
    ),
    max_size=12,
).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_no_text_upsets_a_parser(text: str) -> None:
    for values in metadata.parse_headers(text).values():
        assert all(isinstance(value, str) for value in values)
    for line in metadata.parse_path_lines(text):
        assert line
        assert not line.startswith(("import ", "#"))
    metadata.parse_settings(text)
    metadata.parse_egg_requirements(text)
    metadata.parse_folder_name(text)
    metadata.parse_conda_name(text)
    assert isinstance(metadata.parse_distribution_version(text), Version | Unknown)
    for stated in (parse_assignments(text), parse_pairs(text)):
        assert all(isinstance(value, str | bool | tuple | None) for value in stated.values())


@pytest.mark.parametrize("text", ["9" * 5000, "1." + "2" * 5000, "[" * 200_000])
def test_texts_beyond_reason(text: str) -> None:
    assert parse_version(text) is None
    assert isinstance(metadata.parse_distribution_version(text), Unknown)
    assert parse_version_json(text) is None
    assert parse_cudnn_header("".join(f"#define CUDNN_{part} {text}\n" for part in ("MAJOR", "MINOR", "PATCHLEVEL"))) is None
    assert tagged_rocm(f"rocm{text}.1") is None
    assert parse_xformers(text, Version("1"), "x") is None
