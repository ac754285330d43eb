"""Environments made for a test: a virtual environment, tiny wheels unpacked into it, and libraries that gcc makes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envdoctor.cli import run

VERSION = "{}.{}".format(*sys.version_info[:2])


def make_wheel(name: str, version: str, *requires: str, **files: str | bytes) -> bytes:
    """A wheel; `files` are its contents by path."""
    metadata = f"{name.replace('-', '_')}-{version}.dist-info"
    headers = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    contents[f"{metadata}/METADATA"] = ("\n".join(headers) + "\n\n").encode()
    contents[f"{metadata}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = [f"{path},sha256={hashlib.sha256(data).hexdigest()},{len(data)}" for path, data in contents.items()]
    contents[f"{metadata}/RECORD"] = ("\n".join([*rows, f"{metadata}/RECORD,,"]) + "\n").encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return stream.getvalue()


class Environment:
    """A virtual environment without pip, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.prefix = folder
        self.site = folder / f"lib/python{VERSION}/site-packages"
        self.site.mkdir(parents=True)
        (folder / "bin").mkdir()
        (folder / "bin/python3").symlink_to(sys.executable)
        home = os.path.dirname(os.path.realpath(sys.executable))
        (folder / "pyvenv.cfg").write_text(f"home = {home}\nversion = {VERSION}.0\n")

    def install(self, name: str, version: str, *requires: str, **files: str | bytes) -> None:
        """Unpack a wheel as pip does: over whatever is there."""
        with zipfile.ZipFile(io.BytesIO(make_wheel(name, version, *requires, **files))) as archive:
            archive.extractall(self.site)
        (self.site / f"{name.replace('-', '_')}-{version}.dist-info/INSTALLER").write_text("pip\n")

    def uninstall(self, name: str, version: str) -> None:
        """Remove what the RECORD lists."""
        metadata = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        for row in (metadata / "RECORD").read_text().splitlines():
            (self.site / row.split(",")[0]).unlink(missing_ok=True)
        shutil.rmtree(metadata)

    def install_torch(self, version: str = "2.9.1", *requires: str, cuda: str | None = "12.8", **files: str | bytes) -> None:
        """A torch that says what it is, and is nothing more."""
        build = f"cu{cuda.replace('.', '')}" if cuda else "cpu"
        text = f"__version__ = '{version}+{build}'\ncuda: Optional[str] = {cuda!r}\nhip: Optional[str] = None\n"
        self.install("torch", version, *requires, **{"torch/__init__.py": "", "torch/version.py": text, **files})

    def library(self, path: str, *links: str, source: str = "int here;", soname: str = "", flags: tuple[str, ...] = ()) -> Path:
        """Make a shared library at a path below site-packages (or anywhere, by an absolute path)."""
        return make_library(
            self.site / path, *(str(self.site / link) for link in links), source=source, soname=soname, flags=flags
        )


def make_library(path: Path, *links: str, source: str = "int here;", soname: str = "", flags: tuple[str, ...] = ()) -> Path:
    """A shared library with a soname, which needs others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    code = path.parent / "source.c"
    code.write_text(source)
    argv = ["gcc", "-shared", "-fPIC", "-nostdlib", "-Wl,--no-as-needed", f"-Wl,-soname,{soname or path.name}", *flags]
    subprocess.run([*argv, "-o", str(path), str(code), *links], check=True, capture_output=True)
    code.unlink()
    return path


def diagnose(prefix: Path, capsys: Any, *options: str) -> dict[str, Any]:
    """The report of `envdoctor check` on an environment."""
    status = run(["check", "--python", str(prefix), "--format", "json", *options])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {**document, "exit_status": status}


def finding(report: Mapping[str, Any], rule: str) -> dict[str, Any]:
    """The one finding of a rule."""
    found = [one for one in report["findings"] if one["rule"] == rule]
    assert len(found) == 1, (rule, [(one["rule"], one["title"]) for one in report["findings"]], report["undecided"])
    only: dict[str, Any] = found[0]
    return only


def rules_of(report: Mapping[str, Any]) -> set[str]:
    """The names of the rules that found something worse than a remark."""
    return {one["rule"] for one in report["findings"] if one["severity"] != "info"}
