"""The profiles that come with envdoctor: each is whole, and both ways of loading one give the same."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from envdoctor.model.profile import Profile
from envdoctor.model.ranges import range_text
from envdoctor.profiles.compiled_profiles import is_stale
from envdoctor.profiles.compiling import compile_profiles
from envdoctor.profiles.loading import load_profile, read_profile
from envdoctor.profiles.packing import pack_profile, unpack_profile
from envdoctor.profiles.schema import json_schema
from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "profiles"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
PROMISED = (
    "pytorch-cuda11", "pytorch-cuda12", "pytorch-cuda13", "pytorch-cpu", "pytorch-rocm", "pytorch-mps", "tensorflow-cuda",
    "tensorflow-cpu", "keras-torch", "keras-tensorflow", "keras-jax", "jax-cuda12", "jax-cuda13", "jax-cpu", "jax-tpu",
    "transformers", "pyg", "onnxruntime-gpu", "onnxruntime-cpu", "vllm", "rapids", "datascience", "jupyter", "cuda-dev",
    "mxnet-legacy", "caffe-legacy",
)  # fmt: skip


def shipped(name: str) -> Profile:
    return read_profile(str(FOLDER / f"{name}.yaml"), folders=())


def test_every_promised_profile_is_there() -> None:
    assert set(PROMISED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_is_whole(name: str) -> None:
    profile = shipped(name)
    assert profile.title
    assert not profile.title.endswith(".")
    assert len(profile.title) < 70
    assert profile.description.endswith(".")
    assert profile.systems
    assert profile.packages
    assert profile.imports, "something must be importable once it is installed"
    assert profile.ram_bytes
    assert profile.disk_bytes
    assert list(profile.python)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_asks_for_ranges_and_not_pins(name: str) -> None:
    pinned = [package.line for package in shipped(name).packages if any(clause.operator == "==" for clause in package.specifier)]
    assert pinned == []


@pytest.mark.parametrize("name", NAMES)
def test_floors_of_gpu_profiles_have_a_source(name: str) -> None:
    profile = shipped(name)
    if profile.gpu is not None and list(profile.gpu.compute_capability):
        assert re.search(r"https://\S+", (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name in NAMES if "cuda1" in name])
def test_names_driver_and_cuda_agree(name: str) -> None:
    profile = shipped(name)
    major = int(name[-2:])
    floors = {11: ">=450.80.02", 12: ">=525.60.13", 13: ">=580"}
    assert range_text(profile.driver) == floors[major]
    assert range_text(profile.cuda) == f">={major},<{major + 1}"
    assert {package.build for package in profile.packages if package.build} == {f"cuda{major}"}


@pytest.mark.parametrize("name", NAMES)
def test_packing_loses_nothing(name: str) -> None:
    profile = shipped(name)
    assert unpack_profile(json.loads(json.dumps(pack_profile(profile))), profile.path) == profile


def test_compiled_and_read_profiles_are_equal(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "profiles.json"
    compile_profiles(str(FOLDER), str(target))
    compiled = json.loads(target.read_text(encoding="utf-8"))
    assert sorted(compiled) == NAMES
    for name, packed in compiled.items():
        path = str(FOLDER / f"{name}.yaml")
        assert unpack_profile(packed, path) == shipped(name)
    assert os.listdir(target.parent) == ["profiles.json"]


@pytest.mark.parametrize("name", NAMES)
def test_loading_by_name_gives_what_the_file_says(name: str) -> None:
    loaded = load_profile(name, folders=())
    assert loaded == read_profile(loaded.path, folders=())


def test_what_was_compiled_before_a_profile_changed_is_stale(tmp_path: Path) -> None:
    compiled = tmp_path / "profiles.json"
    assert is_stale(str(compiled))
    compiled.write_text("{}", encoding="utf-8")
    newest = max(path.stat().st_mtime_ns for path in (FOLDER, *FOLDER.iterdir()))
    os.utime(compiled, ns=(newest + 10**9, newest + 10**9))
    assert not is_stale(str(compiled))
    os.utime(compiled, ns=(newest - 10**9, newest - 10**9))
    assert is_stale(str(compiled))


@pytest.mark.parametrize("name", NAMES)
def test_the_json_schema_accepts_every_shipped_profile(name: str) -> None:
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(content, json_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "text",
    ["title: 3\n", "{}\n", "title: x\nrum: 1\n", "title: x\npython: 3.10\n", "title: x\nram: 16\n", "title: x\nos: windos\n",
     "title: x\ngpu: {vendor: nvida}\n", "title: x\npackages: [{build: cpu}]\n", "title: x\npython: '3.10'\n"],
)  # fmt: skip
def test_the_json_schema_refuses_what_we_refuse(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), json_schema(), jsonschema.Draft202012Validator)


def test_every_key_of_the_json_schema_says_what_it_is_for() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    parts = [schema, *schema["$defs"].values()]
    silent = [key for part in parts for key, value in part["properties"].items() if not value.get("description")]
    assert silent == []
