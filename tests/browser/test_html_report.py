"""The HTML report in Chromium: it fits, it is quiet, it asks the network for nothing, and its buttons and search work."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from envdoctor.cli import run
from envdoctor.language.markdown import translated_html
from envdoctor.language.translating import load_catalogue
from envdoctor.render.html.page import render_html
from tests.browser.large import large_report
from tests.conftest import REPOSITORY

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium; Debian and its kin: apt-get install chromium"),
]
RECORDINGS = sorted((REPOSITORY / "tests" / "recordings").glob("*.json"))
LARGEST_BYTES = 600 * 1024

MEASURE = """
<script>
window.trouble = [];
window.addEventListener("error", function (event) { window.trouble.push(String(event.message)); });
document.addEventListener("securitypolicyviolation", function (event) { window.trouble.push(event.violatedDirective); });
</script>
"""
ASK = """
<script>
window.addEventListener("load", function () {
  document.querySelectorAll("details").forEach(function (each) { each.open = true; });
  const page = document.documentElement;
  const wide = Array.from(document.querySelectorAll("body *")).filter(function (each) {
    const box = each.getBoundingClientRect();
    return box.right > page.clientWidth + 1 && !each.closest(".wide, .skip, pre");
  });
  const search = document.querySelector("input[type=search]");
  let shown = null;
  if (search) {
    search.value = "torch";
    search.dispatchEvent(new Event("input"));
    shown = Array.from(document.querySelectorAll("#packages tbody tr")).filter(function (row) { return !row.hidden; })
      .map(function (row) { return row.firstChild.textContent; });
  }
  const copied = [];
  document.execCommand = function () { copied.push(window.getSelection().toString().trim()); return true; };
  Object.defineProperty(window, "isSecureContext", { value: false });
  document.querySelectorAll(".command button").forEach(function (button) { button.click(); });
  const headings = Array.from(document.querySelectorAll("h1, h2, h3, h4"))
    .map(function (each) { return Number(each.tagName[1]); });
  const unnamed = Array.from(document.querySelectorAll("button, input, [role=img], [role=region]")).filter(function (each) {
    return !(each.textContent.trim() || each.getAttribute("aria-label") || (each.labels && each.labels.length));
  });
  const said = {
    width: page.clientWidth, scroll: page.scrollWidth, wide: wide.map(function (each) { return each.outerHTML.slice(0, 80); }),
    resources: performance.getEntriesByType("resource").map(function (each) { return each.name; }), trouble: window.trouble,
    shown: shown, copied: copied, headings: headings, unnamed: unnamed.length, ids: Array.from(document.querySelectorAll("[id]"))
      .map(function (each) { return each.id; }),
  };
  const note = document.createElement("pre");
  note.id = "measured";
  note.textContent = JSON.stringify(said);
  document.body.append(note);
});
</script>
"""


def written(tmp_path: Path, *arguments: str) -> Path:
    """A report, and beside it a copy with scripts that measure it; the page's own policy holds in the copy too."""
    path = tmp_path / "report.html"
    run(["check", *arguments, "--format", "html", "-o", str(path)])
    assert path.stat().st_size < LARGEST_BYTES
    page = path.read_text(encoding="utf-8")
    measured = tmp_path / "measured.html"
    measured.write_text(page.replace("<head>", f"<head>{MEASURE}").replace("</body>", f"{ASK}</body>"), encoding="utf-8")
    return measured


def opened(page: Path, width: int, tmp_path: Path, *flags: str) -> dict[str, Any]:
    """What the page says of itself once it is open."""
    assert BROWSER is not None
    argv = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
        f"--user-data-dir={tmp_path / 'browser'}", f"--window-size={width},900", *flags, "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=True)
    assert [line for line in ended.stderr.splitlines() if "CONSOLE" in line] == []
    match = re.search(r'<pre id="measured">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert match is not None
    said: dict[str, Any] = json.loads(unescape(match[1]))
    return said


def is_orderly(headings: list[int]) -> bool:
    """One h1 first, and no level left out on the way down."""
    return (
        headings[0] == 1 and headings.count(1) == 1 and all(after - before <= 1 for before, after in itertools.pairwise(headings))
    )


@pytest.mark.parametrize("width", [360, 1024, 1920])
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_it_fits_is_quiet_and_loads_nothing(recording: Path, width: int, tmp_path: Path) -> None:
    said = opened(written(tmp_path, "--recording", str(recording)), width, tmp_path)
    assert said["scroll"] <= said["width"], said["wide"]
    assert (said["wide"], said["resources"], said["trouble"]) == ([], [], [])
    assert is_orderly(said["headings"])
    assert said["unnamed"] == 0
    assert len(said["ids"]) == len(set(said["ids"]))


@pytest.mark.parametrize("width", [360, 1024, 1920])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_large_machine_with_a_large_environment_fits(language: str, width: int, tmp_path: Path) -> None:
    page = render_html(large_report(), made="2026-11-22 09:00 UTC")
    page = page if language == "en" else translated_html(page, load_catalogue(language), language)
    assert len(page.encode()) < LARGEST_BYTES
    path = tmp_path / "measured.html"
    path.write_text(page.replace("<head>", f"<head>{MEASURE}").replace("</body>", f"{ASK}</body>"), encoding="utf-8")
    said = opened(path, width, tmp_path)
    assert (said["scroll"], said["wide"], said["resources"], said["trouble"]) == (said["width"], [], [], [])
    assert "torch" in said["shown"]
    assert is_orderly(said["headings"])


def test_buttons_copy_the_command_that_they_stand_beside(tmp_path: Path) -> None:
    page = written(tmp_path, "--recording", str(REPOSITORY / "tests" / "recordings" / "made-old-driver.json"))
    said = opened(page, 1024, tmp_path, "--force-dark-mode")
    assert said["copied"]
    assert "torch==2.7.1+cu118" in said["copied"][0]


def test_packages_can_be_searched(tmp_path: Path) -> None:
    page = written(tmp_path, "--recording", str(REPOSITORY / "tests" / "recordings" / "made-companions.json"))
    shown = opened(page, 360, tmp_path)["shown"]
    assert "torch" in shown
    assert all("torch" in name for name in shown)


def test_what_a_machine_says_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    text = tmp_path / "report.txt"
    text.write_text("Python version: 3.11\n<script>document.title='owned'</script>\nGPU 0: <img src=x onerror=alert(1)>\n")
    said = opened(written(tmp_path, "--report", str(text)), 360, tmp_path)
    assert said["trouble"] == []
    assert said["resources"] == []
