"""Changing files: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.system.port import Malformed, Missing, SourceError
from envdoctor.system.writing import make_folder, remove_tree, rename_folder, write_text


def test_write_text(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    write_text(str(path), "first\n")
    write_text(str(path), "second ü\n")
    assert path.read_bytes() == "second ü\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_failed_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    write_text(str(path), "old\n")
    with pytest.raises(Malformed):
        write_text(str(path), "new \ud800\n")
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(Missing):
        write_text(str(tmp_path / "no folder/x"), "text")


def test_make_folder(tmp_path: Path) -> None:
    make_folder(str(tmp_path / "a/b"))
    make_folder(str(tmp_path / "a/b"))
    assert (tmp_path / "a/b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError):
        make_folder(str(tmp_path / "file/x"))


def test_rename_folder_never_replaces(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with pytest.raises(SourceError):
        rename_folder(str(tmp_path / "a"), str(tmp_path / "b"))
    rename_folder(str(tmp_path / "a"), str(tmp_path / "c"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c"]
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(SourceError):
        rename_folder(str(tmp_path / "c"), str(tmp_path / "dangling"))


def test_remove_tree_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("x")
    (tmp_path / "gone/inner").mkdir(parents=True)
    (tmp_path / "gone/link").symlink_to(tmp_path / "kept")
    remove_tree(str(tmp_path / "gone"))
    remove_tree(str(tmp_path / "gone"))
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "file"]
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    with pytest.raises(SourceError):
        remove_tree(str(tmp_path / "link"))
    assert (tmp_path / "kept/file").exists()
