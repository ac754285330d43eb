"""`envdoctor knowledge update` and `envdoctor knowledge RELEASE`."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.cli.updating import choose_packages, update_knowledge
from envdoctor.errors import BadInput, EnvdoctorError
from envdoctor.install.configuration import read_settings
from envdoctor.knowledge.added import load_added, parse_added, read_added
from envdoctor.knowledge.compiling import read_sources
from envdoctor.knowledge.generating import Generated
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.wheels import spread_rows
from envdoctor.model.offers import IndexSettings
from envdoctor.model.unknown import Unknown
from envdoctor.render.update_text import update_document, update_lines
from envdoctor.system.live import Live

NOW = "2099-01-02T03:04:05Z"
SHIPPED = load_knowledge(shipped_only=True).tables["wheels"]
TABLE = """\
checked: '2026-01-01'
source: somewhere
packages:
  gadget:
  - versions: 1.0 1.1
    any: 'any'
  widget:
  - versions: '3.0'
"""


def index_with(folder: Path, **packages: list[str]) -> IndexSettings:
    """An index in a folder."""
    for name, files in packages.items():
        (folder / name).mkdir(parents=True)
        anchors = "".join(f'<a href="../../files/{file}">{file}</a>' for file in files)
        (folder / name / "index.html").write_text(anchors, encoding="utf-8")
    return IndexSettings(index_url=folder.as_uri())


def files_of(package: str) -> list[str]:
    """A pure wheel for every shipped release."""
    return [
        f"{package}-{version}-py3-none-any.whl" for row in SHIPPED["packages"][package] for version in row["versions"].split()
    ]


def test_newer_releases_go_to_the_cache(tmp_path: Path) -> None:
    index = index_with(tmp_path / "simple", torch=[*files_of("torch"), "torch-99.1-cp315-cp315-manylinux_2_28_x86_64.whl"])
    cache = str(tmp_path / "cache" / "wheels.json")
    updated = update_knowledge(index, ["torch,XFormers"], NOW, cache=cache)
    assert updated.written == cache
    assert isinstance(updated.packages["xformers"], Unknown)
    document = json.loads(Path(cache).read_text(encoding="utf-8"))
    assert document["packages"] == {"torch": [{"versions": "99.1", "linux-x86_64": "2.28: 3.15"}]}
    assert document["index"] == "the configured index"
    assert load_added(SHIPPED, cache).releases == ("torch 99.1",)


def test_what_was_noted_before_of_other_packages_stays(tmp_path: Path) -> None:
    cache = str(tmp_path / "wheels.json")
    for name in ("torch", "numpy"):
        index = index_with(tmp_path / name, **{name: [f"{name}-99.0-py3-none-any.whl"]})
        update_knowledge(index, [name], NOW, cache=cache)
    document = read_added(cache)
    assert document is not None
    assert list(document["packages"]) == ["numpy", "torch"]


def test_a_broken_cache_is_written_anew(tmp_path: Path) -> None:
    cache = tmp_path / "wheels.json"
    cache.write_text("{", encoding="utf-8")
    update_knowledge(index_with(tmp_path / "simple", numpy=["numpy-99.0-py3-none-any.whl"]), ["numpy"], NOW, cache=str(cache))
    assert parse_added(cache.read_text(encoding="utf-8"))["packages"]["numpy"]


def test_no_answer_writes_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "wheels.json"
    updated = update_knowledge(IndexSettings(index_url=(tmp_path / "no").as_uri()), ["numpy"], NOW, cache=str(cache))
    assert updated.written is None
    assert not cache.exists()
    assert update_document(updated)["packages"][0]["problem"] == "the index has no such package"
    assert any("could not be asked about" in text for line in update_lines(updated) for text, _style in line.pieces)


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    index = index_with(tmp_path / "simple", numpy=["numpy-99.0-py3-none-any.whl"])
    (tmp_path / "file").write_text("", encoding="utf-8")
    for cache in (str(tmp_path / "file" / "wheels.json"), None):
        with pytest.raises(EnvdoctorError):
            update_knowledge(index, ["numpy"], NOW, cache=cache)


def data_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "wheels.yaml").write_text(TABLE, encoding="utf-8")
    return folder


def test_a_maintainer_writes_the_table(tmp_path: Path) -> None:
    data = data_folder(tmp_path / "data")
    gadgets = ["gadget-1.0-py3-none-any.whl", "gadget-1.1-cp312-cp312-win_amd64.whl", "gadget-1.2.tar.gz"]
    index = index_with(tmp_path / "simple", gadget=gadgets, widget=["widget-3.0.tar.gz"])
    updated = update_knowledge(index, [], NOW, data=str(data))
    assert updated.written == str(data / "wheels.yaml")
    table = read_sources(str(data))["wheels"]
    assert table == {
        "checked": "2099-01-02",
        "source": "somewhere",
        "packages": {
            "gadget": [{"versions": "1.0", "any": "any"}, {"versions": "1.1", "windows-x86_64": "3.12"}, {"versions": "1.2"}],
            "widget": [{"versions": "3.0"}],
        },
    }
    found = updated.packages["gadget"]
    assert isinstance(found, Generated)
    assert (found.newer, found.changed) == (("1.2",), ("1.1",))


def test_a_part_of_an_index_does_not_shorten_the_table(tmp_path: Path) -> None:
    data = data_folder(tmp_path / "data")
    index = index_with(tmp_path / "simple", gadget=["gadget-1.1.tar.gz"], widget=["widget-3.0.tar.gz", "widget-4.0.tar.gz"])
    updated = update_knowledge(index, [], NOW, data=str(data))
    table = read_sources(str(data))["wheels"]
    assert table["packages"]["gadget"] == [{"versions": "1.0 1.1", "any": "any"}]
    assert table["packages"]["widget"] == [{"versions": "3.0 4.0"}]
    assert table["checked"] == "2026-01-01"
    assert update_document(updated)["packages"][0]["problem"] == "the index does not have 1.0; the table keeps its rows"


def test_packages_are_those_of_the_table() -> None:
    assert choose_packages(["b,A", "b"], ["a", "b", "c"]) == ("b", "a")
    assert choose_packages([], ["a", "b"]) == ("a", "b")
    with pytest.raises(BadInput, match="did you mean torch"):
        choose_packages(["torhc"], ["torch"])


def test_no_index_is_obeyed() -> None:
    with pytest.raises(BadInput, match="no-index"):
        update_knowledge(IndexSettings(no_index=True), [], NOW)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["torch==2.9.1"], 0),
        (["Torch == 2.9.1"], 0),
        (["jax"], 0),
        (["torch==98"], 3),
        (["torch==2.9.x"], 2),
        (["torhc"], 2),
        (["--write"], 2),
        (["torch", "--packages", "torch"], 2),
        (["update", "--packages", "torhc"], 2),
    ],
)
def test_exit_status(arguments: list[str], status: int) -> None:
    assert run(["knowledge", *arguments]) == status


def test_a_release_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["knowledge", "torch==2.9.1", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "envdoctor.knowledge-release/1"
    assert document["requires_python"] == ">=3.10"
    assert document["companions"]["torchvision"] == "0.24.1"
    build = next(one for one in document["builds"] if one["build"] == "cu130" and one["platform"] == "linux-x86_64")
    assert (build["cuda"], build["driver"]) == ("13.0", "580")
    assert run(["knowledge", "jax==0.12.0"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "compute capability 5.2 or higher" in text
    assert "Requires-Python: >=3.12" in text


@pytest.mark.registry
def test_what_is_generated_is_what_ships_but_for_what_is_newer(tmp_path: Path) -> None:
    names = ("torch", "onnxruntime-gpu", "nvidia-cudnn-cu12")
    updated = update_knowledge(read_settings(Live()), names, NOW, cache=str(tmp_path / "wheels.json"))
    for name in names:
        found = updated.packages[name]
        assert isinstance(found, Generated), found
        told = spread_rows(found.rows)
        known = {version: row for version, row in spread_rows(SHIPPED["packages"][name]).items() if version not in found.yanked}
        assert {version: row for version, row in told.items() if version not in found.newer} == known


REQUIRES = """\
checked: '2026-01-01'
source: wheels
packages:
  gadget:
  - {versions: '1.0', all: {torch: '==2.8.0'}}
"""


def test_what_newer_releases_ask_for_is_learnt(tmp_path: Path) -> None:
    data = data_folder(tmp_path / "data")
    (data / "requires.yaml").write_text(REQUIRES, encoding="utf-8")
    (tmp_path / "files").mkdir()
    gadgets = ["gadget-1.0-py3-none-any.whl", "gadget-1.1-py3-none-any.whl", "gadget-1.2-py3-none-any.whl"]
    with zipfile.ZipFile(tmp_path / "files" / gadgets[1], "w") as wheel:
        wheel.writestr("gadget-1.1.dist-info/METADATA", "Name: gadget\nRequires-Dist: torch>=2.9\nRequires-Dist: rich\n\n")
    index = index_with(tmp_path / "simple", gadget=gadgets)
    updated = update_knowledge(index, ["gadget"], NOW, data=str(data))
    assert updated.requirements == (("gadget", "1.1"),)
    assert updated.left == 1
    rows = read_sources(str(data))["requires"]["packages"]["gadget"]
    assert rows == [{"versions": "1.0", "all": {"torch": "==2.8.0"}}, {"versions": "1.1", "all": {"torch": ">=2.9"}}]
    assert update_document(updated)["requirements"] == {"of": ["gadget==1.1"], "left": 1}
    said = [text for line in update_lines(updated) for text, _style in line.pieces]
    assert "Learnt what these ask for: gadget==1.1" in said
    assert any(text.endswith("left for another update: 1") for text in said)
