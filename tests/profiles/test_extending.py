"""`extends`: what is inherited, what wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from envdoctor.errors import BadInput
from envdoctor.model.profile import ANY, Profile
from envdoctor.profiles.extending import DEPTH_LIMIT
from envdoctor.profiles.loading import load_profile

BASE = """
title: Base
description: The base.
os: linux
ram: 8 GiB
gpu: {vendor: nvidia, memory: 8 GiB, count: ">=2"}
cuda: ">=12"
python: ">=3.10"
packages:
- {requirement: "torch>=2.1", build: cuda12}
- numpy
imports: [torch, numpy]
variables: {HF_HOME: "*", LD_PRELOAD: null}
tools: {git: "*"}
notes: [one]
retired: old
"""


def load(folder: Path, **files: str) -> Profile:
    """The profile `top` among files written to a folder."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_profile(str(folder / "top.yaml"), folders=())


def test_what_is_not_said_is_inherited(tmp_path: Path) -> None:
    profile = load(tmp_path, base=BASE, top="title: Top\nextends: base\n")
    assert (profile.name, profile.title, profile.description) == ("top", "Top", "")
    assert profile.systems == ("linux",)
    assert profile.ram_bytes == 8 << 30
    assert [package.line for package in profile.packages] == ["torch>=2.1", "numpy"]
    assert profile.variables == (("HF_HOME", "*"), ("LD_PRELOAD", None))
    assert profile.retired == "old"


def test_what_is_said_wins_key_by_key(tmp_path: Path) -> None:
    top = """
title: Top
extends: [base]
ram: 16 GiB
gpu: {memory: 24 GiB}
packages: ["scipy", {requirement: "Torch>=2.6", build: cuda13}]
imports: [scipy, torch]
variables: {HF_HOME: /data}
tools: {cmake: ">=3.18"}
notes: [two]
"""
    profile = load(tmp_path, base=BASE, top=top)
    assert profile.ram_bytes == 16 << 30
    assert profile.gpu is not None
    assert (profile.gpu.vendor, profile.gpu.memory_bytes, profile.gpu.count) == ("nvidia", 24 << 30, SpecifierSet(">=2"))
    assert [(package.line, package.build) for package in profile.packages] == [
        ("Torch>=2.6", "cuda13"), ("numpy", None), ("scipy", None),
    ]  # fmt: skip
    assert profile.imports == ("torch", "numpy", "scipy")
    assert dict(profile.variables) == {"HF_HOME": "/data", "LD_PRELOAD": None}
    assert [name for name, _range in profile.tools] == ["git", "cmake"]
    assert profile.notes == ("one", "two")


def test_null_drops_what_was_inherited(tmp_path: Path) -> None:
    top = "title: Top\nextends: base\ncuda: null\nram: null\nretired: null\npackages: null\ngpu: {count: null}\n"
    profile = load(tmp_path, base=BASE, top=top)
    assert (profile.cuda, profile.ram_bytes, profile.retired, profile.packages) == (ANY, None, None, ())
    assert profile.gpu is not None
    assert (profile.gpu.vendor, profile.gpu.count) == ("nvidia", ANY)


def test_the_last_of_several_wins(tmp_path: Path) -> None:
    other = "title: Other\nram: 2 GiB\npackages: [pandas]\n"
    profile = load(tmp_path, base=BASE, other=other, top="title: Top\nextends: [base, other]\n")
    assert profile.ram_bytes == 2 << 30
    assert [package.name for package in profile.packages] == ["torch", "numpy", "pandas"]


def test_a_shipped_profile_is_extended_by_name(tmp_path: Path) -> None:
    profile = load(tmp_path, top="title: Top\nextends: pytorch-cuda12\npackages: [einops]\n")
    assert [package.name for package in profile.packages] == ["torch", "torchvision", "torchaudio", "numpy", "einops"]


def test_a_file_below_the_folder_is_extended_by_path(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.yaml").write_text(BASE, encoding="utf-8")
    assert load(tmp_path, top="title: Top\nextends: parts/base.yaml\n").ram_bytes == 8 << 30


REFUSED = [
    ("itself", {"top": "title: x\nextends: top\n"}, r"top\.yaml:2: extends: 'top' leads back to this profile"),
    ("a circle", {"top": "title: x\nextends: [a]\n", "a": "title: a\nextends: b\n", "b": "title: b\nextends: top\n"},
     r"b\.yaml:2: extends: 'top' leads back"),
    ("nobody", {"top": "title: x\n\nextends:\n- pytorch-cuda21\n"},
     r"top\.yaml:4: extends: no profile is called 'pytorch-cuda21'"),
    ("no file", {"top": "title: x\nextends: parts/base.yaml\n"}, r"top\.yaml:2: extends: there is no file"),
    ("above", {"top": "title: x\nextends: ../base.yaml\n"}, r"leads out of the folder of this file"),
    ("absolute", {"top": "title: x\nextends: /etc/passwd.yaml\n"}, r"leads out of the folder of this file"),
    ("wrong below", {"top": "title: x\nextends: a\n", "a": "title: a\nram: 3\n"}, r"a\.yaml:2: ram: write the unit"),
    ("too deep", {"top": "title: x\nextends: p0\n", **{f"p{n}": f"title: x\nextends: p{n + 1}\n" for n in range(20)}},
     rf"p{DEPTH_LIMIT - 2}\.yaml:2: extends: more than {DEPTH_LIMIT} profiles deep"),
    ("too many", {"top": "title: x\nextends: [a1, b1]\n", **{
        f"{side}{n}": f"title: x\nextends: [a{n + 1}, b{n + 1}]\n" if n < 6 else "title: x\n"
        for n in range(1, 7) for side in "ab"
    }}, r"more than 32 files in all"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused(tmp_path: Path, files: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        load(tmp_path, **files)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside" / "secret.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "inside" / "base.yaml").symlink_to(tmp_path / "outside" / "secret.yaml")
    with pytest.raises(BadInput, match="leads out of the folder"):
        load(tmp_path / "inside", top="title: x\nextends: base.yaml\n")
