"""A root file system whose links point outside: nothing of what lies there is in the report."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.broken.making import Environment
from tests.hostile.packing import entries_of_docker_save, layer_of_folder, write_archive

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made with links, as on POSIX systems")


@pytest.mark.parametrize("kind", ["absolute", "relative"])
@pytest.mark.parametrize("subject", ["--rootfs", "--image"])
def test_nothing_from_outside(tmp_path: Path, kind: str, subject: str, capsys: pytest.CaptureFixture[str]) -> None:
    outside = Environment(tmp_path / "outside")
    outside.install_torch("2.9.1")
    outside.install("secret-package", "6.6.6", **{"secret_package/__init__.py": ""})
    root = tmp_path / "root"
    inside = Environment(root / "opt/env")
    inside.install("visible", "1.0", **{"visible/__init__.py": ""})

    def point(link: Path, target: Path) -> None:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target if kind == "absolute" else Path("../" * 40) / target.relative_to("/"))

    for name in os.listdir(outside.site):
        point(inside.site / name, outside.site / name)
    point(root / "opt/whole", outside.prefix)
    point(root / "etc/os-release", outside.prefix / "pyvenv.cfg")
    point(root / "usr/bin/python3", outside.prefix / "bin/python3")
    image = write_archive(tmp_path / "image.tar", entries_of_docker_save([layer_of_folder(root)]))
    place = str(root) if subject == "--rootfs" else image
    options = ["--deep", "--facts", "--format", "json", "--fail-on", "never"]
    assert run(["check", subject, place, "--python", "/opt/env", *options]) == 0
    said = capsys.readouterr().out
    report = json.loads(said)
    assert [package["name"] for package in report["facts"]["environment"]["packages"] if not package["fault"]] == ["visible"]
    assert all("unknown" in one["version"] for one in report["facts"]["environment"]["frameworks"])  # a link bears its name
    assert "cu128" not in said
    assert run(["check", subject, place, "--python", "/opt/whole", *options]) == 2
    capsys.readouterr()
    assert run(["envs", subject, place, "--format", "json"]) == 0
    environments = json.loads(capsys.readouterr().out)["environments"]
    assert [one["prefix"] for one in environments if one["packages"] is not None] == ["/opt/env"]
