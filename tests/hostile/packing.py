"""Images packed for tests: layers from folders or from single members, in every kind of archive that is read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

CONFIG = {
    "architecture": "amd64",
    "os": "linux",
    "config": {
        "Env": ["PATH=/opt/bin:/usr/bin", "LANG=C.UTF-8", "EMPTY="],
        "Entrypoint": ["/entry.sh"],
        "Cmd": ["python3"],
        "User": "1000:1000",
        "WorkingDir": "/srv",
    },
}
Entry = tuple[str, bytes]
Packing = Callable[[bytes], bytes]


def member(
    name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, target: str = "", **more: Any
) -> tuple[tarfile.TarInfo, bytes]:
    """One member of a layer; `more` are further attributes of it."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(data)
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def layer_of_members(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def layer_of_files(files: dict[str, bytes | str]) -> bytes:
    return layer_of_members(*(member(name, data.encode() if isinstance(data, str) else data) for name, data in files.items()))


def layer_of_folder(root: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(root, arcname=".")
    return out.getvalue()


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entries_of_docker_save(
    layers: Iterable[bytes], config: dict[str, Any] = CONFIG, pack: Packing = lambda data: data
) -> list[Entry]:
    """The members of an archive as Docker before 25 wrote it: manifest.json at the end."""
    plain = list(layers)
    document = json.dumps(
        {**config, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest_of(one)}" for one in plain]}}
    ).encode()
    entries: list[Entry] = []
    names = []
    for number, data in enumerate(plain):
        folder = digest_of(b"%d" % number + data)
        names.append(f"{folder}/layer.tar")
        entries += [(f"{folder}/VERSION", b"1.0"), (f"{folder}/json", b"{}"), (names[-1], pack(data))]
    name = f"{digest_of(document)}.json"
    manifest = [{"Config": name, "RepoTags": ["image:latest"], "Layers": names}]
    return [*entries, (name, document), ("manifest.json", json.dumps(manifest).encode()), ("repositories", b"{}")]


def entries_of_oci(
    layers: Iterable[bytes],
    config: dict[str, Any] = CONFIG,
    pack: Packing = lambda data: data,
    *,
    docker: bool = False,
) -> list[Entry]:
    """The members of an OCI layout; with `docker` also the manifest.json that Docker from 25 on writes into it."""
    plain = list(layers)
    diff_ids = [f"sha256:{digest_of(one)}" for one in plain]
    packed = [pack(one) for one in plain]
    document = json.dumps({**config, "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor(document, "application/vnd.oci.image.config.v1+json"),
        "layers": [descriptor(one, layer_type(one)) for one in packed],
    }).encode()  # fmt: skip
    blobs = {blob_path(data): data for data in (*packed, document, manifest)}
    named = {"annotations": {"org.opencontainers.image.ref.name": "latest"}}
    index = {"schemaVersion": 2, "manifests": [descriptor(manifest, "application/vnd.oci.image.manifest.v1+json", **named)]}
    entries = [("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), *blobs.items(), ("index.json", json.dumps(index).encode())]
    if docker:
        listed = [{"Config": blob_path(document), "RepoTags": None, "Layers": [blob_path(one) for one in packed]}]
        entries.append(("manifest.json", json.dumps(listed).encode()))
    return entries


def descriptor(data: bytes, kind: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{digest_of(data)}", "size": len(data), **more}


def layer_type(data: bytes) -> str:
    suffix = "+gzip" if data.startswith(b"\x1f\x8b") else "+zstd" if data.startswith(b"\x28\xb5\x2f\xfd") else ""
    return f"application/vnd.oci.image.layer.v1.tar{suffix}"


def blob_path(data: bytes) -> str:
    return f"blobs/sha256/{digest_of(data)}"


def write_archive(path: Path, entries: list[Entry], pack: Packing = lambda data: data) -> str:
    path.write_bytes(pack(layer_of_members(*(member(name, data) for name, data in entries))))
    return str(path)


def write_folder(path: Path, entries: list[Entry]) -> str:
    for name, data in entries:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return str(path)


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def zstd_packed(data: bytes) -> bytes:
    """Packed with whichever library is there; raises ImportError where none is."""
    try:
        from compression import zstd
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            import zstandard

            return zstandard.ZstdCompressor(level=3).compress(data)
    return zstd.compress(data, 3)


def run_bounded(code: str, *arguments: str, limit_mib: int = 600) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process that cannot have more address space than `limit_mib`."""
    import sys

    start = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit_mib << 20}, {limit_mib << 20}))\n"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", start + code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=300,
    )
