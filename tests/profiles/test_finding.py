"""Where profiles are found, and what is said where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envdoctor.errors import BadInput
from envdoctor.profiles.finding import (
    Folder,
    configuration_folder,
    find_profile,
    is_path,
    shipped_folder,
    unknown_profile,
    user_folders,
)
from envdoctor.profiles.loading import list_profiles, load_profile
from envdoctor.profiles.reading import SIZE_LIMIT_BYTES
from envdoctor.profiles.validating import find_problems


def folder_with(path: Path, **files: str) -> Folder:
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Folder(str(path), "user configuration")


def test_shipped_profiles_come_first(tmp_path: Path) -> None:
    own = folder_with(tmp_path, **{"pytorch-cpu": "title: Mine\n"})
    assert load_profile("pytorch-cpu", folders=(own,)).title != "Mine"
    assert load_profile(str(tmp_path / "pytorch-cpu.yaml"), folders=(own,)).title == "Mine"


def test_own_profiles_are_found_by_name_in_the_order_of_folders(tmp_path: Path) -> None:
    first, second = (
        folder_with(tmp_path / "1", lab="title: One\n"),
        folder_with(tmp_path / "2", lab="title: Two\n", other="title: O\n"),
    )
    assert load_profile("lab", folders=(first, second)).title == "One"
    assert load_profile("other", folders=(first, second)).name == "other"


def test_user_folders_start_in_the_working_directory() -> None:
    assert [folder.path for folder in user_folders("here")][:3] == [
        os.path.join("here", ""), os.path.join("here", "envdoctor-profiles"), os.path.join("here", ".envdoctor", "profiles"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "platform", "ends"),
    [
        ({"HOME": "/home/ada"}, "linux", "/home/ada/.config/envdoctor/profiles"),
        ({"HOME": "/home/ada", "XDG_CONFIG_HOME": "/cfg"}, "linux", "/cfg/envdoctor/profiles"),
        ({"HOME": "/Users/ada"}, "darwin", "/Users/ada/Library/Application Support/envdoctor/profiles"),
        ({}, "linux", None),
        ({}, "darwin", None),
        ({}, "win32", None),
        ({"XDG_CONFIG_HOME": "relative"}, "linux", None),
    ],
)
def test_configuration_folder(variables: dict[str, str], platform: str, ends: str | None) -> None:
    found = configuration_folder(variables, platform)
    assert (found.replace(os.sep, "/") if found else None) == ends


@pytest.mark.parametrize(
    ("name", "path"), [("lab", False), ("./lab", True), ("lab.yaml", True), ("lab.yml", True), ("a/b", True)]
)
def test_is_path(name: str, path: bool) -> None:
    assert is_path(name) is path


def test_an_unknown_name_tells_the_nearest_and_where_all_are(tmp_path: Path) -> None:
    own = folder_with(tmp_path, laboratory="title: Lab\n")
    with pytest.raises(BadInput, match=r"'pytorch_cuda12'; did you mean pytorch-cuda12\? envdoctor profiles list"):
        find_profile("pytorch_cuda12", ())
    with pytest.raises(BadInput, match=r"did you mean laboratory\?"):
        find_profile("labratory", (own,))
    with pytest.raises(BadInput, match=r"^no profile is called 'zzzzzz'; envdoctor profiles list shows all$"):
        find_profile("zzzzzz", ())


@pytest.mark.parametrize("name", ["", "a\nb", "\0", "x" * 5000, "..", "~", "*", "pytorch-cpu\x1b[0m"])
def test_strange_names_are_told_in_one_line(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_profile(name, folders=())
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml: cannot be read: No such file"):
        load_profile(str(tmp_path / "none.yaml"))
    with pytest.raises(BadInput, match="not a file"):
        load_profile(f"{tmp_path}/")
    with pytest.raises(BadInput, match="no file can have this name"):
        load_profile("a\0.yaml")
    (tmp_path / "large.yaml").write_bytes(b"#" * (SIZE_LIMIT_BYTES + 1))
    with pytest.raises(BadInput, match="larger than 64 KiB"):
        load_profile(str(tmp_path / "large.yaml"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(BadInput, match="not a file"):
        load_profile(str(tmp_path / "pipe.yaml"))


def test_the_list_names_shipped_and_own_profiles_and_why_one_cannot_be_read(tmp_path: Path) -> None:
    own = folder_with(tmp_path / "own", lab="title: Lab\n", broken="titel: x\n", **{"pytorch-cpu": "title: Hidden\n"})
    entries = {entry.name: entry for entry in list_profiles((own,))}
    assert (entries["lab"].title, entries["lab"].origin) == ("Lab", "user configuration")
    assert "titel: unknown key" in (entries["broken"].problem or "")
    assert entries["pytorch-cpu"].origin == "shipped"
    assert entries["mxnet-legacy"].retired


def test_other_yaml_in_the_working_directory_is_not_listed(tmp_path: Path) -> None:
    folder_with(tmp_path, lab="title: Lab\n", compose="services: {}\n")
    own = Folder(str(tmp_path), "working directory")
    assert [entry.name for entry in list_profiles((own,)) if entry.origin != "shipped"] == ["lab"]


def test_a_folder_that_is_not_there_holds_nothing() -> None:
    assert list_profiles((Folder("nowhere/at/all", "user configuration"),)) == list_profiles(())


def test_problems_are_found_in_files_and_in_what_they_extend(tmp_path: Path) -> None:
    folder_with(tmp_path, good="title: x\n", bad="title: x\nram: 1\nrum: 2\n", below="title: x\nextends: bad\n")
    assert find_problems(str(tmp_path / "good.yaml")) == ()
    assert len(find_problems(str(tmp_path / "bad.yaml"))) == 2
    assert "bad.yaml:2: ram" in find_problems(str(tmp_path / "below.yaml"))[0]
    assert "cannot be read" in find_problems(str(tmp_path / "none.yaml"))[0]
    assert find_problems("pytorch-cpu") == ()


def test_shipped_profiles_are_where_they_should_be() -> None:
    assert os.path.isfile(os.path.join(shipped_folder(), "pytorch-cuda12.yaml"))


def test_a_profile_that_was_named_by_its_file_is_called_so(tmp_path: Path) -> None:
    """Seen: the fix for a profile in a file said `envdoctor install prof`, a name that nobody knows."""
    file = tmp_path / "prof.yaml"
    file.write_text("title: Mine\nextends: pytorch-cpu\n", encoding="utf-8")
    by_path, by_name = load_profile(str(file)), load_profile("pytorch-cpu")
    assert (by_path.name, by_path.word) == ("prof", str(file))
    assert (by_name.name, by_name.word) == ("pytorch-cpu", "pytorch-cpu")


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("pytorch", "pytorch-cpu, pytorch-cuda12 or pytorch-mps"), ("torch", "pytorch-cpu, pytorch-cuda12 or pytorch-mps"),
        ("PyTorhc", "pytorch-cpu, pytorch-cuda12 or pytorch-mps"), ("tf", "tensorflow-cpu or tensorflow-cuda"),
    ],
)  # fmt: skip
def test_a_framework_by_itself_names_its_profiles(name: str, family: str) -> None:
    known = ["pytorch-cpu", "pytorch-cuda12", "pytorch-mps", "tensorflow-cpu", "tensorflow-cuda", "mxnet-legacy"]
    assert f"there is {family}; envdoctor profiles test" in str(unknown_profile(name, known))
    assert "did you mean pytorch-cuda12?" in str(unknown_profile("pytorch-cdua12", known))
    assert "did you mean mxnet-legacy?" in str(unknown_profile("MXNet", known))
