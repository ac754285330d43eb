"""Writes docs/reference/profile-states.md: what became of each shipped profile, tried from the indexes that are reached here.

Run from the repository's root: `python docs/make_profile_states.py`. It asks package indexes, and takes a few minutes.
Real installs are noted by hand in INSTALLED, with their date.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from envdoctor.cli import run
from envdoctor.profiles.loading import list_profiles
from envdoctor.render.plan_text import size_text

PAGE = Path(__file__).parent / "reference" / "profile-states.md"
LINUX = "os=linux,machine=x86_64,glibc=2.35"
CPU = f"gpu=none,{LINUX}"
NVIDIA = f"gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05,{LINUX}"
TARGETS = {
    **dict.fromkeys(
        ("jax-cuda12", "jax-cuda13", "onnxruntime-gpu", "pytorch-cuda11", "pytorch-cuda12", "pytorch-cuda13", "rapids",
         "tensorflow-cuda", "vllm"),
        NVIDIA,
    ),
    "rapids-conda": NVIDIA,
    "pytorch-rocm": f"gpu=AMD Instinct MI300X,{LINUX}",
    "pytorch-mps": "gpu=Apple M3,os=macos,os_version=15.5,machine=arm64",
}  # fmt: skip
"""What each profile is planned for; those that are not named, for a machine without a GPU."""
FORCED = ("jax-tpu",)
"""Planned although no target can name what it is for."""
TRAINED = "installed, checked clean, trained"
INSTALLED = {
    "datascience": ("2026-11-22", TRAINED),
    "jax-cpu": ("2026-11-22", TRAINED),
    "jupyter": ("2026-11-22", "installed, checked clean"),
    "keras-jax": ("2026-11-22", TRAINED),
    "keras-tensorflow": ("2026-11-22", TRAINED),
    "keras-torch": ("2026-11-22", f"{TRAINED}, on a CPU build of torch"),
    "mxnet-legacy": ("2026-11-22", f"{TRAINED}, on Python 3.7, 3.8 and 3.11"),
    "onnxruntime-cpu": ("2026-11-22", "installed, checked clean, inferred"),
    "pyg": ("2026-11-22", f"{TRAINED}, on a CPU build of torch"),
    "pytorch-cpu": ("2026-11-22", TRAINED),
    "tensorflow-cpu": ("2026-11-22", TRAINED),
    "transformers": ("2026-11-22", f"{TRAINED}, on a CPU build of torch"),
}
"""Real installs by hand or by tests/registry: when, and how far."""
HEAD = """# The state of each profile

Made by `docs/make_profile_states.py`: each profile that ships was planned for a machine that can hold it, from the package
indexes that were reached on {date}. *Plan* says what came of it; *installed for real* when `envdoctor install` last made it,
checked it and ran the frameworks in it (`tests/registry/test_profiles.py` does so again).

| Profile | Planned for | Plan | Installed for real |
| --- | --- | --- | --- |
"""
NOTE = """
Where a plan says that an index could not be asked, the page was made where that index is not to be reached. Plans for GPUs
were not installed where there is no such GPU, unless noted. For another system than the one that the page is made on
(pytorch-mps), the package manager lists the packages of this one.
"""


def main() -> None:
    """Plan every profile and write the page."""
    rows = [_row(entry.name) for entry in list_profiles() if entry.origin == "shipped"]
    PAGE.write_text(HEAD.format(date=time.strftime("%Y-%m-%d")) + "\n".join(rows) + "\n" + NOTE, encoding="utf-8")


def _row(profile: str) -> str:
    target = TARGETS.get(profile, CPU)
    date, how = INSTALLED.get(profile, ("", ""))
    state = _state(profile, target)
    print(profile, state, file=sys.stderr)
    return f"| {profile} | {target.partition(',os')[0]} | {state} | {f'{date}: {how}' if date else 'no'} |"


def _state(profile: str, target: str) -> str:
    """What `envdoctor plan` says, in a few words."""
    force = ("--force",) if profile in FORCED else ()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as told:
        run(["plan", profile, "--env", f"{folder}/e", "--target", target, "--format", "json", *force])
    document = json.loads(told.getvalue())
    if "error" in document:
        return f"failed: {_short(document['error']['message'])}"
    if document["refused"]:
        return f"refused: {_short(document['refused']['reasons'][0])}"
    return _planned(document)


def _planned(document: dict[str, Any]) -> str:
    versions = {one["name"]: one["version"] for one in document["downloads"]} if isinstance(document["downloads"], list) else {}
    told = size_text(document["download_bytes"]) if isinstance(document["download_bytes"], int) else "size not stated"
    if not versions:
        return f"worked out when it is installed: {_short(document['downloads']['unknown'])}"
    chosen = next((f"{one['what']} {one['value']}; " for one in document["choices"] if one["what"] == "torch"), "")
    return f"{chosen}{len(versions)} packages, {told}"


def _short(text: str) -> str:
    text = " ".join(text.replace("|", "/").split())
    return text if len(text) <= 160 else f"{text[:157]}..."


if __name__ == "__main__":
    main()
