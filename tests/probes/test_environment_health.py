"""What is wrong with an environment as a whole."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.libraries import EnvironmentFault
from envdoctor.probes.environment_health import probe_faults
from envdoctor.probes.environment_openmp import family_of, probe_openmp
from envdoctor.probes.environment_records import parse_record, top_levels
from envdoctor.probes.packages import probe_packages
from envdoctor.probes.site_packages import open_sites, stated_folders
from envdoctor.system.port import RECORD_LIMIT_BYTES
from tests.probes.environments import PREFIX, SITE, Box, distribution

STANDARD = "/opt/python3.11/lib/python3.11"


def faults(files: dict[str, str], *, deep: bool = False, **rest: object) -> list[EnvironmentFault]:
    box = Box({f"{STANDARD}/random.py": "", f"{STANDARD}/json/__init__.py": "", f"{STANDARD}/LICENSE.txt": "", **files}, **rest)
    sites = open_sites(box, (SITE,), stated_folders(box))
    assert isinstance(sites, tuple)
    return list(probe_faults(box, sites, probe_packages(box, sites), STANDARD, deep=deep))


def record(*rows: tuple[str, int]) -> str:
    return "".join(f"{path},sha256=abc,{size}\n" for path, size in rows)


def opencv(name: str, *rows: tuple[str, int]) -> dict[str, str]:
    return distribution(name, "4.10.0", RECORD=record(*rows))


def test_distributions_that_own_the_same_files() -> None:
    files = {
        **opencv("opencv-python", ("cv2/__init__.py", 10), ("cv2/cv2.abi3.so", 3)),
        **opencv("opencv-python-headless", ("cv2/__init__.py", 10), ("cv2/cv2.abi3.so", 4)),
        f"{SITE}/cv2/cv2.abi3.so": "four",
        f"{SITE}/cv2/__init__.py": "0123456789",
    }
    (fault,) = faults(files)
    assert (fault.kind, fault.packages, fault.count) == ("shared-files", ("opencv-python", "opencv-python-headless"), 2)
    assert fault.paths[0] == "cv2/cv2.abi3.so"
    assert fault.present == "opencv-python-headless"


def test_parts_of_cuda_for_two_releases() -> None:
    cudnn = ("nvidia/cudnn/lib/libcudnn.so.9", 5)
    files = {
        **distribution("nvidia-cudnn-cu12", "9.10.2", RECORD=record(cudnn, ("nvidia/__init__.py", 0))),
        **distribution("nvidia-cudnn-cu13", "9.12.0", RECORD=record(cudnn)),
        **distribution("nvidia-cublas-cu12", "12.8", RECORD=record(("nvidia/cublas/lib/libcublas.so.12", 5))),
        **distribution("nvidia-cublas", "13.0", RECORD=record(("nvidia/cu13/lib/libcublas.so.13", 5))),
        f"{SITE}/nvidia/cudnn/lib/libcudnn.so.9": "",
    }
    assert [(fault.packages, fault.present) for fault in faults(files)] == [(("nvidia-cudnn-cu12", "nvidia-cudnn-cu13"), "")]


def test_only_metadata_is_left() -> None:
    files = {
        **distribution("Gone", "1.0", RECORD=record(("gone_module/__init__.py", 1), ("Gone-1.0.dist-info/METADATA", 1))),
        **distribution("PyYAML", "6.0", RECORD=record(("yaml/__init__.py", 1))),
        **distribution("unrecorded", "1.0"),
        **distribution("sympy", "1.14", INSTALLER="pip", RECORD=record(("sympy/__init__.py", 1), ("isympy.py", 1))),
        **distribution("ofdebian", "1.0", INSTALLER="debian", RECORD=record(("ofdebian/__init__.py", 1), ("other.py", 1))),
        f"{SITE}/isympy.py": "",
        f"{SITE}/other.py": "",
        f"{SITE}/yaml/__init__.py": "",
    }
    assert [(fault.kind, fault.packages, fault.paths) for fault in faults(files)] == [
        ("missing-files", ("gone",), (f"{SITE}/gone_module",)),
        ("missing-files", ("sympy",), (f"{SITE}/sympy",)),
    ]


def test_with_deep_every_file_is_looked_for() -> None:
    files = {
        **distribution(
            "half",
            "1.0",
            RECORD=record(("half/__init__.py", 1), ("half/a.py", 1), ("half/__pycache__/a.pyc", 1), ("../../../bin/half", 1)),
            INSTALLER="pip\n",
        ),
        **distribution("unrecorded", "1.0", INSTALLER="uv"),
        **distribution("of-debian", "1.0", INSTALLER="debian"),
        **distribution("endless", "1.0", INSTALLER="pip", RECORD="a/b.py,,\n" * (RECORD_LIMIT_BYTES // 9 + 1)),
        f"{SITE}/half/__init__.py": "",
    }
    assert [fault for fault in faults(files) if fault.packages != ("endless",)] == []
    deep = faults(files, deep=True)
    unread = [fault for fault in deep if fault.kind == "unread-record"]
    assert [fault.packages for fault in unread] == [("endless",)]
    assert [(fault.kind, fault.packages, fault.paths) for fault in deep if fault not in unread] == [
        ("missing-files", ("half",), (f"{SITE}/half/a.py",)),
        ("missing-record", ("unrecorded",), (f"{SITE}/unrecorded-1.0.dist-info/RECORD",)),
    ]


def test_names_of_the_standard_library() -> None:
    (fault,) = faults({f"{SITE}/random.py": "", f"{SITE}/json-2.dist-info/METADATA": "", f"{SITE}/random.txt": ""})
    assert (fault.kind, fault.paths) == ("shadows-standard-library", (f"{SITE}/random.py",))
    ahead = faults({"/home/ada/code/json/__init__.py": ""}, variables={"PYTHONPATH": "/home/ada/code"})
    assert [(one.paths, one.source) for one in ahead] == [(("/home/ada/code/json",), "/home/ada/code")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a/b.py,sha256=x,12\n", {"a/b.py": 12}),
        ('"a,b.py",sha256=x,12\n', {"a,b.py": 12}),
        ("a.py,,\n", {"a.py": None}),
        ("../../bin/x,sha256=x,1\n/etc/x,,1\na/__pycache__/b.pyc,,\nm.dist-info/RECORD,,\n", {}),
        ("a.py,sha256=x,notanumber\n", {"a.py": None}),
    ],
)  # fmt: skip
def test_records(text: str, expected: dict[str, int | None]) -> None:
    assert {path: line.size_bytes for path, line in parse_record(text, "m.dist-info").items()} == expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=string.printable + "é\0", max_size=300))
def test_any_text_is_a_record(text: str) -> None:
    lines = parse_record(text, "m.dist-info")
    assert all(top and "/" not in top for top in top_levels(lines))


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("libgomp-a34b3233.so.1.0.0", "gnu"), ("libgomp.so.1", "gnu"), ("libomp.dylib", "llvm"), ("libiomp5md.dll", "intel"),
        ("libiomp5.so", "intel"), ("libomp140.x86_64.dll", "llvm"), ("libompd.so", None), ("libomptarget.so.18", None),
        ("libopenblas.so", None),
    ],
)  # fmt: skip
def test_openmp_by_name(name: str, family: str | None) -> None:
    assert family_of(name) == family


def test_openmp_in_an_environment() -> None:
    box = Box(
        dict.fromkeys(
            (
                f"{SITE}/torch/lib/libgomp.so.1",
                f"{SITE}/scikit_learn.libs/libgomp-a34b3233.so.1.0.0",
                f"{PREFIX}/lib/libiomp5.so",
            ),
            "",
        )
    )
    sites = open_sites(box, (SITE,))
    assert isinstance(sites, tuple)
    found = probe_openmp(box, PREFIX, sites)
    assert [(one.family, one.owner) for one in found] == [("gnu", "torch"), ("gnu", "scikit_learn"), ("intel", "")]
