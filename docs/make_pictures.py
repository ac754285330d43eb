"""Draws docs/pictures/ from what commands print: `python docs/make_pictures.py` after their output changed."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from rich.console import Console
from rich.text import Text

from envdoctor.cli import run

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "docs" / "pictures"
RECORDINGS = REPOSITORY / "tests" / "recordings"
WIDTH = 88
DOCKERFILE = """\
FROM nvidia/cuda:12.4.1-cudnn-runtime-ubuntu22.04
RUN apt-get update && apt-get install -y python3-pip nvidia-driver-550
RUN pip install torch==2.6.0 torchvision==0.20.1 --index-url https://download.pytorch.org/whl/cu121
"""
_WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
PICTURES: dict[str, tuple[str, list[str]]] = {
    "check": (
        "envdoctor check --recording made-old-driver.json",
        ["check", "--recording", str(RECORDINGS / "made-old-driver.json")],
    ),
    "compat": (
        'envdoctor compat "torch==2.9.1" --target "gpu=GeForce GTX 1080,driver=580.95.05" --best',
        ["compat", "torch==2.9.1", "--target", "gpu=GeForce GTX 1080,driver=580.95.05", "--python", "3.12", "--best"],
    ),
    "lint": ("envdoctor lint Dockerfile", ["lint", "Dockerfile"]),
    "fit": (
        'envdoctor fit --params 7B --target "gpu=NVIDIA L4"',
        ["fit", "--params", "7B", "--target", "gpu=NVIDIA L4,memory=24GiB"],
    ),
}
"""File name to the command that stands above it, and what is run."""


def picture(name: str) -> str:
    """What a command prints, as SVG."""
    shown, arguments = PICTURES[name]
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    os.environ.update({"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)})
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        os.chdir(folder)
        with redirect_stdout(output):
            run(arguments)
        os.chdir(here)
    output.seek(0)
    text = output.read().replace(f"{RECORDINGS}{os.sep}", "")
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text(f"$ {shown}\n", style="bold"))
    console.print(Text.from_ansi(text))
    drawn = console.export_svg(title="envdoctor", unique_id=f"envdoctor-{name}")
    return _WEB_FONT.sub("", drawn)  # a picture in a page asks no other server for anything


def main() -> int:
    """Draw all of them."""
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        (FOLDER / f"{name}.svg").write_text(picture(name), encoding="utf-8", newline="\n")
    print(f"{len(PICTURES)} pictures in {FOLDER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
