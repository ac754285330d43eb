"""A conda channel on disk with real packages: this interpreter, its pip, and small programs of several versions."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import os
import platform
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

PYTHON = "{}.{}.{}".format(*sys.version_info[:3])
LINE = "{}.{}".format(*sys.version_info[:2])
SUBDIR = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}.get(platform.machine(), "linux-64")
PLACEHOLDER = "/opt/anaconda1anaconda2anaconda3"
_LEFT_OUT = {"test", "tests", "idlelib", "__pycache__", "site-packages", "lib2to3", "tkinter", "turtledemo", "pydoc_data"}


def make_channel(folder: Path) -> str:
    """Build all packages and the index; the address of the channel."""
    small_packages(folder)
    python_package(folder)
    pip_package(folder)
    index_channel(folder)
    return folder.as_uri()


def make_small_channel(folder: Path) -> str:
    """The same without Python, in a moment."""
    small_packages(folder)
    index_channel(folder)
    return folder.as_uri()


def small_packages(folder: Path) -> None:
    """Programs and modules of several versions, some of which no machine can run."""
    (folder / SUBDIR).mkdir(parents=True)
    (folder / "noarch").mkdir()
    for version in ("1.0", "1.1", "2.0"):
        gadget(folder, version)
    write_package(folder, "gizmo", "1.0", ["python", "gadget >=1,<2"], module("gizmo", "1.0"), noarch=True)
    write_package(folder, "gizmo", "2.0", ["python", "gadget >=2"], module("gizmo", "2.0"), noarch=True)
    write_package(folder, "kernels", "1.0", ["__cuda >=12.0"], {"share/kernels": b"1.0"})
    write_package(folder, "kernels", "0.5", [], {"share/kernels": b"0.5"})
    write_package(folder, "modern", "1.0", ["__glibc >=2.99"], {"share/modern": b"1.0"})
    greet = f"#!/bin/sh\necho {PLACEHOLDER}\n".encode()
    write_package(folder, "greeter", "1.0", [], {"bin/greet": greet}, prefixed=("bin/greet",))


def index_channel(folder: Path) -> None:
    """Write the repodata of each folder of the channel, as conda's indexer does."""
    for subdir in ("noarch", SUBDIR):
        place = folder / subdir
        document = {
            "info": {"subdir": subdir},
            "packages": {path.name: _indexed(path) for path in sorted(place.glob("*.tar.bz2"))},
            "packages.conda": {path.name: _indexed(path) for path in sorted(place.glob("*.conda"))},
            "repodata_version": 1,
        }
        (place / "repodata.json").write_text(json.dumps(document))
        (place / "repodata.json.bz2").write_bytes(bz2.compress(json.dumps(document).encode()))


def _indexed(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    hashes = {"md5": hashlib.md5(data).hexdigest(), "sha256": hashlib.sha256(data).hexdigest()}
    with _info_of(path) as info:
        index: dict[str, Any] = json.loads(info.extractfile("info/index.json").read())  # type: ignore[union-attr]
    return {**index, **hashes, "size": len(data)}


def _info_of(path: Path) -> tarfile.TarFile:
    if path.suffix == ".bz2":
        return tarfile.open(path)
    with zipfile.ZipFile(path) as archive:
        return tarfile.open(fileobj=io.BytesIO(_unpacked(archive.read(f"info-{path.stem}.tar.zst"))))


def gadget(folder: Path, version: str, body: bytes | None = None) -> None:
    """A Python module with a program."""
    files = module("gadget", version) if body is None else {**module("gadget", version), "site-packages/gadget.py": body}
    write_package(folder, "gadget", version, ["python"], files, noarch=True, entry_points=("gadget = gadget:main",))


def module(name: str, version: str) -> dict[str, bytes]:
    """The files of a module with its metadata, as a noarch package holds them."""
    info = f"site-packages/{name}-{version}.dist-info"
    return {
        f"site-packages/{name}.py": f"__version__ = {version!r}\n\n\ndef main():\n    print('{name}', __version__)\n".encode(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/INSTALLER": b"conda\n",
        f"{info}/RECORD": f"{name}.py,,\n{name}-{version}.dist-info/METADATA,,\n".encode(),
    }


def python_package(folder: Path, base: Path = Path(sys.base_prefix), version: str = PYTHON) -> None:
    """An interpreter without its tests: this one, or another of this machine."""
    line = version.rpartition(".")[0]
    files: dict[str, Path] = {f"bin/python{line}": (base / "bin" / f"python{line}").resolve()}
    for library in base.glob("lib/libpython*.so*"):
        files[f"lib/{library.name}"] = library
    for place, names, found in os.walk(base / "lib" / f"python{line}"):
        names[:] = [name for name in names if name not in _LEFT_OUT and not name.startswith("config-")]
        files.update({str(Path(place, name).relative_to(base)): Path(place, name) for name in found})
    links = {"bin/python": f"python{line}", "bin/python3": f"python{line}"}
    write_package(folder, "python", version, [], files, links=links)


def pip_package(folder: Path) -> None:
    """The pip that comes with this interpreter."""
    import ensurepip

    wheel_package(folder, next((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")))


def wheel_package(folder: Path, wheel: Path) -> None:
    """What is in a wheel, as a package."""
    with zipfile.ZipFile(wheel) as archive:
        files = {f"site-packages/{name}": archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    name, version = wheel.name.split("-")[:2]
    write_package(folder, name, version, ["python"], files, noarch=True)


def write_package(
    folder: Path, name: str, version: str, depends: list[str], files: Any, *, noarch: bool = False,
    links: dict[str, str] | None = None, prefixed: tuple[str, ...] = (), entry_points: tuple[str, ...] = (),
) -> Path:  # fmt: skip
    """Write `NAME-VERSION-0.conda` into its folder of the channel. Files are bytes, or paths to copy from."""
    subdir = "noarch" if noarch else SUBDIR
    index: dict[str, Any] = {
        "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends, "subdir": subdir,
        "timestamp": 1_700_000_000_000,
    }  # fmt: skip
    if noarch:
        index["noarch"] = "python"
    content = {path: data if isinstance(data, bytes) else data.read_bytes() for path, data in files.items()}
    entries = [_entry(path, data, path in prefixed) for path, data in content.items()]
    entries += [{"_path": path, "path_type": "softlink"} for path in links or {}]
    info = {
        "info/index.json": json.dumps(index).encode(),
        "info/paths.json": json.dumps({"paths": entries, "paths_version": 1}).encode(),
        "info/files": "\n".join([*content, *(links or {})]).encode(),
    }
    if noarch:
        about = {"package_metadata_version": 1, "noarch": {"type": "python", "entry_points": list(entry_points)}}
        info["info/link.json"] = json.dumps(about).encode()
    if name not in {
        "python",
        "pip",
        "numpy",
    }:  # in the older form as well, for a conda before 4.7; large ones would take too long
        _write_tar(folder / subdir / f"{name}-{version}-0.tar.bz2", {**info, **content}, links or {})
    target = folder / subdir / f"{name}-{version}-0.conda"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
        archive.writestr(f"pkg-{name}-{version}-0.tar.zst", _packed(content, links or {}))
        archive.writestr(f"info-{name}-{version}-0.tar.zst", _packed(info, {}))
    return target


def _entry(path: str, data: bytes, prefixed: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "_path": path, "path_type": "hardlink", "sha256": hashlib.sha256(data).hexdigest(), "size_in_bytes": len(data),
    }  # fmt: skip
    return {**entry, "file_mode": "text", "prefix_placeholder": PLACEHOLDER} if prefixed else entry


def _unpacked(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _write_tar(path: Path, content: dict[str, bytes], links: dict[str, str]) -> None:
    with tarfile.open(path, "w:bz2") as archive:
        _add(archive, content, links)


def _packed(content: dict[str, bytes], links: dict[str, str]) -> bytes:
    import zstandard

    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        _add(archive, content, links)
    return zstandard.ZstdCompressor(level=1).compress(plain.getvalue())


def _add(archive: tarfile.TarFile, content: dict[str, bytes], links: dict[str, str]) -> None:
    """All files are equally old, as in packages that are built reproducibly."""
    for path, data in content.items():
        member = tarfile.TarInfo(path)
        member.size, member.mode = len(data), 0o755 if path.startswith("bin/") else 0o644
        archive.addfile(member, io.BytesIO(data))
    for path, aim in links.items():
        member = tarfile.TarInfo(path)
        member.type, member.linkname = tarfile.SYMTYPE, aim
        archive.addfile(member)
