"""A second tree: the same contents, and no way to spoil the original for good by writing into it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from envdoctor.system import twins
from envdoctor.system.port import SourceError
from envdoctor.system.surveying import Differences, compare, look_through, pack, read_survey, repack, survey
from envdoctor.system.twins import Mended, make_twin, mend, twin_bytes
from tests.install.comparing import differences, tree_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and permissions of POSIX")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "lib" / "deep").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "empty").mkdir()
    (folder / "lib" / "deep" / "module.py").write_text("one")
    (folder / "lib" / "empty.py").write_text("")
    (folder / "bin" / "tool").write_text("#!/bin/sh\n")
    (folder / "bin" / "tool").chmod(0o755)
    (folder / "bin" / "python").symlink_to("/usr/bin/python3")
    (folder / "lib64").symlink_to("lib")
    (folder / "lib" / "deep").chmod(0o555)
    os.utime(folder / "lib", ns=(1, 1_000_000_001))
    return folder


def twin_of(source: Path) -> tuple[Path, Path]:
    """The twin and its store."""
    store = source.parent / "store"
    store.mkdir()
    make_twin(str(source), str(store / "new"), str(store))
    return store / "new", store


def test_a_twin_is_the_same(source: Path) -> None:
    before = tree_of(source)
    twin, _ = twin_of(source)
    assert differences(before, tree_of(twin)) == []
    assert differences(before, tree_of(source)) == []


def spoil_in_place(twin: Path) -> None:
    for place in [path for path in twin.rglob("*") if path.is_file() and not path.is_symlink()]:
        with place.open("w") as file:
            file.write("spoiled")
        place.chmod(0o600)


def test_what_is_written_in_place_is_put_right(source: Path) -> None:
    before = tree_of(source)
    twin, store = twin_of(source)
    (twin / "lib" / "deep").chmod(0o755)
    spoil_in_place(twin)
    assert len(mend(str(source), str(store)).restored) == 3 or differences(before, tree_of(source)) == []
    assert differences(before, tree_of(source)) == []
    assert mend(str(source), str(store)) == Mended()


def test_what_is_too_large_to_be_kept_is_told(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "STORE_BYTES", 3)
    (source / "lib" / "large.so").write_text("0123456789")
    _, store = twin_of(source)
    if not (store / "index").exists() or os.stat(source / "lib" / "large.so").st_nlink == 1:
        pytest.skip("this file system shares blocks: nothing can be spoiled")
    (source / "lib" / "large.so").write_text("spoiled")
    assert mend(str(source), str(store)).lost == ("lib/large.so",)


def test_a_file_that_is_gone_comes_back(source: Path) -> None:
    before = tree_of(source)["lib/empty.py"]
    _, store = twin_of(source)
    if (store / "new" / "lib" / "empty.py").stat().st_nlink == 1:
        pytest.skip("this file system shares blocks")
    (source / "lib" / "empty.py").unlink()
    assert mend(str(source), str(store)).restored == ("lib/empty.py",)
    assert tree_of(source)["lib/empty.py"] == before


def test_a_store_that_is_damaged_puts_nothing_back(source: Path) -> None:
    _, store = twin_of(source)
    (store / "contents").write_bytes(b"\0" * (store / "contents").stat().st_size)
    (source / "bin" / "tool").write_text("changed")
    assert mend(str(source), str(store)).restored == ()
    assert (source / "bin" / "tool").read_text() == "changed"
    (store / "index").write_bytes(b"no index")
    with pytest.raises(SourceError, match="damaged"):
        mend(str(source), str(store))


def test_without_a_store_nothing_was_shared(tmp_path: Path) -> None:
    assert mend(str(tmp_path), str(tmp_path / "nowhere")) == Mended()


def test_the_room_it_takes(source: Path) -> None:
    assert twin_bytes(str(source)) >= 13 + 5 * 4096
    with pytest.raises(SourceError):
        twin_bytes(str(source / "nowhere"))


def test_a_survey_tells_what_changed(source: Path, tmp_path: Path) -> None:
    before = survey(str(source), frozenset({"deep"}))
    assert "lib/deep/module.py" not in before
    (tmp_path / "files").write_bytes(pack(look_through(str(source), frozenset({"deep"}))).data)
    assert read_survey(str(tmp_path / "files")) == before
    (source / "bin" / "tool").chmod(0o700)
    (source / "bin" / "python").unlink()
    (source / "bin" / "more").write_text("")
    after = survey(str(source), frozenset({"deep"}))
    assert compare(before, after) == Differences(("bin/more",), ("bin/python",), ("bin/tool",))


def test_a_second_look_reads_only_folders_that_changed(source: Path) -> None:
    known = look_through(str(source))
    for folder in known.values():
        folder.files.update({f"{place} as it was": what for place, what in folder.files.items()})
    (source / "bin" / "more").write_text("")
    (source / "bin" / "new").mkdir()
    (source / "bin" / "new" / "file").write_text("")
    seen = {place for folder in look_through(str(source), known=known).values() for place in folder.files}
    assert {place for place in seen if place.startswith("bin/")} >= {"bin/more", "bin/new/file"}
    assert not [place for place in seen if place.startswith("bin/") and "as it was" in place]
    assert "lib/deep/module.py as it was" in seen
    assert {place for place in seen if "as it was" not in place} == set(survey(str(source)))


def test_a_folder_that_is_gone_is_in_no_second_look(source: Path) -> None:
    known = look_through(str(source))
    shutil.rmtree(source / "lib")
    assert look_through(str(source), known=known) == look_through(str(source))


def test_what_was_packed_is_packed_again_only_where_something_changed(source: Path) -> None:
    known = pack(look_through(str(source), frozenset({"cache"})))
    assert repack(str(source), frozenset({"cache"}), known) is known.data
    (source / "bin" / "cache").mkdir()  # changes the time of its folder, and nothing that counts
    assert repack(str(source), frozenset({"cache"}), known) is known.data
    (source / "bin" / "more").write_text("")
    again = repack(str(source), frozenset({"cache"}), known)
    assert again == pack(look_through(str(source), frozenset({"cache"}))).data
    assert again != known.data
    assert again == repack(str(source), frozenset({"cache"}), None)


def test_a_survey_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"nothing packed")
    with pytest.raises(SourceError, match="damaged"):
        read_survey(str(tmp_path / "files"))
