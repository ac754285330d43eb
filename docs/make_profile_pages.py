"""Writes docs/profiles/ from the shipped profiles themselves: `python docs/make_profile_pages.py` after one changed."""

from __future__ import annotations

import sys
from pathlib import Path

from envdoctor.model.profile import Profile
from envdoctor.profiles.loading import load_profile
from envdoctor.render.profile_text import profile_lines

FOLDER = Path(__file__).resolve().parent / "profiles"
SOURCES = FOLDER.parent.parent / "profiles"


def profile_pages() -> dict[str, str]:
    """Every page by its file name."""
    profiles = [load_profile(path.stem) for path in sorted(SOURCES.glob("*.yaml"))]
    rows = "\n".join(f"| [{profile.name}]({profile.name}.md) | {profile.title} |" for profile in profiles)
    index = (
        "# Profiles that come with envdoctor\n\n"
        "`envdoctor install NAME` sets one up; `envdoctor check NAME` judges by it. Your own can extend them: see "
        "[every key](../reference/profiles.md).\n\n"
        f"| profile | what it is |\n| --- | --- |\n{rows}\n"
    )
    return {**{f"{profile.name}.md": page(profile) for profile in profiles}, "README.md": index}


def page(profile: Profile) -> str:
    """One profile: what it is for, what it asks for, how to use it, and its source."""
    source = (SOURCES / f"{profile.name}.yaml").read_text(encoding="utf-8")
    parts = [
        f"# {profile.name}",
        f"{profile.title}.",
        " ".join(profile.description.split()),
        f"For old work only. {profile.retired}" if profile.retired else "",
        "## What it asks for",
        "| | |\n| --- | --- |\n" + "\n".join(f"| {label} | {text} |" for label, text in demands(profile)),
        "## How to use it",
        f"```sh\nenvdoctor plan {profile.name}\nenvdoctor install {profile.name}\nenvdoctor check {profile.name}\n```",
        "## Its source",
        f"```yaml\n{source.rstrip()}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def demands(profile: Profile) -> list[tuple[str, str]]:
    """The rows that `envdoctor profiles show` prints under "Asks for"."""
    rows: list[tuple[str, str]] = []
    inside = False
    for line in profile_lines(profile):
        text = "".join(piece for piece, _style in line.pieces)
        if inside and not line.lead[0]:
            break
        if inside:
            rows.append((line.lead[0].strip(), text.replace("|", "\\|")))
        inside = inside or text == "Asks for"
    return rows


def main() -> int:
    """Write all pages, and remove those of profiles that are gone."""
    pages = profile_pages()
    FOLDER.mkdir(exist_ok=True)
    for stale in {path.name for path in FOLDER.glob("*.md")} - set(pages):
        (FOLDER / stale).unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(pages) - 1} pages and their index in {FOLDER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
