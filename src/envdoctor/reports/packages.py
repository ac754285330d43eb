"""Installed packages in what pip, uv, conda and collect_env print, and in what people write: `torch==2.1.0`, tables, logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.stating import FILLED_IN, HINTED, MEASURED, MENTIONED, Stated

_VERSION = r"v?\d+(?:\.\d+)*[A-Za-z0-9.+_!-]*"
_NAME = r"[A-Za-z][A-Za-z0-9_.-]*"
_TAGGED = re.compile(rf"^[\s>*-]*\[(?P<by>pip3?|conda)\]\s+(?P<name>{_NAME})(?:==|\s+)(?P<version>{_VERSION})(?P<rest>.*)$", re.I)
_FROZEN = re.compile(rf"^[\s>*`+-]*(?P<name>{_NAME})\s?={{2,3}}\s?(?P<version>{_VERSION})`?\s*(?:[,;#].*)?$")
_AT = re.compile(rf"^\s*(?P<name>{_NAME}) @ \S*?[-_](?P<version>\d+(?:\.\d+)+[^-\s/]*)-\S+\.whl\S*\s*$")
_HAVE = re.compile(
    rf"Requirement already satisfied: (?P<name>{_NAME})[^\s]* in .*\((?:from .*\)\s*\()?(?P<version>{_VERSION})\)\s*$"
)
_DONE = re.compile(r"^\s*Successfully installed (?P<all>.+)$")
_DONE_ONE = re.compile(rf"(?P<name>{_NAME})-(?P<version>\d+(?:\.\d+)*[A-Za-z0-9.+_!]*)(?=\s|$)")
_PLUS = re.compile(rf"^\s*\+ (?P<name>{_NAME})==(?P<version>{_VERSION})\s*$")
_SHOWN_NAME = re.compile(rf"^\s*Name: (?P<name>{_NAME})\s*$")
_SHOWN_VERSION = re.compile(rf"^\s*Version: (?P<version>{_VERSION})\s*$")
_COLUMNS = re.compile(
    rf"^\s*(?:[│|]\s*)?(?P<name>{_NAME})(?:\s{{2,}}|\t+|\s*[│|]\s*)(?P<version>{_VERSION})(?:\s+(?P<rest>.*\S))?\s*[│|]?\s*$"
)
_KNOWN = (
    r"(?:torch(?:[\w-]*\w)?|(?:pytorch|tensorflow|jax|jaxlib|keras|onnxruntime|nvidia|cuda|cupy|mmcv|triton|xformers|flash[-_]attn"
    r"|sageattention|bitsandbytes|paddlepaddle|mxnet|numba|protobuf|deepspeed|vllm|sglang|transformers|accelerate|diffusers|intel"
    r"|mkl|numpy|tf-nightly|libtorch|cudatoolkit|cudnn|apex|openvino|ctranslate2|llama[-_]cpp[-_]python|auto[-_]gptq|detectron2"
    r"|tensorrt|rocm|flashinfer|peft|gptqmodel|autoawq|exllamav2)(?:[-_][\w-]*\w)?)"
)
_BARE = re.compile(
    rf"^\s*(?P<name>{_KNOWN})(?:\s{{2,}}|\t+)(?:\(!\) )?(?P<version>\d+\.\d[A-Za-z0-9.+_!-]*)(?:>=\d[\w.,<!=]*)?"
    r"(?:\s+(?P<rest>\S.*?))?\s*$",
    re.I,
)
"""A row of a listing whose head was left out, as `pip list | grep torch` prints it; only names that are looked for."""
_BUILD = re.compile(r"^(?P<build>[\w.+]*\d[\w.+]*)(?:\s+(?P<channel>[\w./:-]+))?$")
_CONDA_SPEC = re.compile(rf"^\s*-\s+(?:[\w-]+::)?(?P<name>{_NAME})=(?P<version>\d[\w.+!]*)(?:=(?P<build>[\w.]+))?\s*$")
"""A line of `conda env export`."""
_JSON = re.compile(rf'"name": ?"(?P<name>{_NAME})", ?"version": ?"(?P<version>{_VERSION})"')
_CHECKED = re.compile(
    rf"(?P<name>{_NAME}) (?P<version>{_VERSION}) (?:has requirement|requires) \S.*?, but you have (?P<other>{_NAME}) "
    rf"(?P<other_version>{_VERSION})"
)
"""What `pip check` and pip's resolver say of two packages that do not fit."""
_TICKED = re.compile(rf"^\s*(?P<name>{_NAME})\s+[✅❌✔✓✗]\ufe0f?\s*(?P<version>\d+(?:\.\w+)+(?:\+[\w.]+)?)(?=[\s<>=!~;,]|$)")
"""A row of `yolo checks`: the installed release and the requirement after it, `torch  ✅ 2.5.1+cu124>=1.8.0`."""
_CLOSE = re.compile(rf"^\s*(?P<name>{_NAME}) (?P<version>{_VERSION})(?:\s+(?:/|[A-Za-z]:\\)\S.*)?$")
"""The row of the longest name, which nothing sets apart from its version."""
_PIP_HEAD = re.compile(r"^\s*(?:[│|]\s*)?Package\s*[│|]?\s+Version\b")
_CONDA_HEAD = re.compile(
    r"^\s*#\s*(?:packages in environment at|Name\s+Version)|^\s*List of packages in environment|^\s*Name\s+Version\s+Build"
)
_CONDA_ROW = re.compile(
    r"^\s*(?P<name>[a-z_][a-z0-9_.-]*)\s+(?P<version>\d[\w.+!]*)\s+(?P<build>[\w.+]*\d[\w.+]*)(?:\s+(?P<channel>[\w./:-]+))?\s*$"
)
_WHEEL = re.compile(
    rf"(?P<name>{_NAME})-(?P<version>\d[A-Za-z0-9.+_!%]*)(?:-\d\w*)?-(?P<python>(?:cp|py)\d+[\w.]*)-(?P<abi>[\w.]+)-(?P<platform>[\w.]+)\.whl"
)
_INSTALL = re.compile(
    r"\b(?:pip3?(?:\.\d+)?|uv|conda|mamba|micromamba|poetry|pixi)\b.{0,40}?\b(?:install|add|create)\b(?P<all>.+)$"
)
_WANTED = re.compile(rf"(?<![\w/.-])(?P<name>{_NAME})={{1,3}}(?P<version>\d[\w.+!]*)")
_CONDA_CUDA = re.compile(r"(?=.*\s(?:py)?torch(?:=[\d.]+)?(?:\s|$)).*\s(?:cudatoolkit|pytorch-cuda)={1,2}(?P<cuda>\d+\.\d+)")
"""Torch and the CUDA that conda is to bring with it, in one command."""
RULED = re.compile(r"^\s*[-=─\s|+]{5,}$")


def parse_packages(lines: Sequence[str]) -> Iterator[Stated]:
    """Every installed package that a text names with its version."""
    table = ""
    for place, spelled in enumerate(lines):
        if not spelled:
            continue
        line = spelled.replace("**", "") if "**" in spelled else spelled  # people make rows stand out
        table = _table(line, table)
        yield from _parse_line(line, lines[place + 1] if place + 1 < len(lines) else "", table, place + 1)


def _table(line: str, open_table: str) -> str:
    """Which kind of table a line stands in."""
    if _PIP_HEAD.match(line):
        return "pip list"
    if _CONDA_HEAD.match(line):
        return "conda list"
    within = (
        not open_table
        or not line.strip()
        or line.lstrip().startswith("#")
        or RULED.match(line)
        or _COLUMNS.match(line)
        or _CLOSE.match(line)
    )
    return open_table if within or _CONDA_ROW.match(line) else ""


def _parse_line(line: str, following: str, table: str, number: int) -> Iterator[Stated]:
    if match := _TAGGED.match(line):
        yield _package(match, number, MEASURED, "conda list" if _is_conda(match["by"], match["rest"]) else "pip list")
        if _is_conda(match["by"], match["rest"]):
            yield Stated(f"build.{normal(match['name'])}", match["rest"].strip(), number, MEASURED, "conda list")
    elif match := _FROZEN.match(line) or _AT.match(line) or _PLUS.match(line):
        yield _package(match, number, MEASURED, "pip freeze")
    elif match := _SHOWN_NAME.match(line):
        version = _SHOWN_VERSION.match(following)
        if version is not None:
            yield Stated(f"package.{normal(match['name'])}", version["version"], number + 1, MEASURED, "pip show")
    elif match := _HAVE.search(line):
        yield _package(match, number, FILLED_IN, "pip install")
    elif match := _TICKED.match(line):
        yield _package(match, number, MEASURED, "pip list")
    elif match := _DONE.match(line):
        for one in _DONE_ONE.finditer(match["all"]):
            yield _package(one, number, MEASURED, "pip install")
    elif table == "pip list" and (match := _COLUMNS.match(line) or _CLOSE.match(line)):
        yield _package(match, number, MEASURED, table)
    elif match := _CONDA_ROW.match(line) if table == "conda list" else None:
        yield from _conda(match, number, MEASURED, match["channel"])
    elif match := _CONDA_SPEC.match(line):
        yield from _conda(match, number, FILLED_IN, None)
    elif match := _BARE.match(line):
        build = _BUILD.match(match["rest"] or "")
        form = "conda list" if build and build["channel"] != "pypi" else "pip list"
        yield _package(match, number, FILLED_IN, form)
        if build is not None and form == "conda list":
            yield Stated(f"build.{normal(match['name'])}", build["build"], number, FILLED_IN, form)
    yield from _anywhere(line, number)


def _conda(match: re.Match[str], number: int, weight: int, channel: str | None) -> Iterator[Stated]:
    yield _package(match, number, weight, "pip list" if channel == "pypi" else "conda list")
    if match["build"]:
        yield Stated(f"build.{normal(match['name'])}", match["build"], number, weight, "conda list")


def _anywhere(line: str, number: int) -> Iterator[Stated]:
    """Packages that may stand anywhere in a line: JSON, pip's complaints, names of wheels."""
    if match := _INSTALL.search(line):
        for one in _WANTED.finditer(match["all"]):
            yield Stated(f"wanted.{normal(one['name'])}", one["version"], number, HINTED, "install command")
        if cuda := _CONDA_CUDA.match(match["all"]):
            yield Stated("wanted-cuda.torch", cuda["cuda"], number, HINTED, "install command")
    for entry in _JSON.finditer(line) if '"version"' in line else ():
        yield _package(entry, number, MEASURED, "pip list")
    if match := _CHECKED.search(line) if "but you have" in line else None:
        yield _package(match, number, FILLED_IN, "pip check")
        yield Stated(f"package.{normal(match['other'])}", match["other_version"].rstrip("."), number, FILLED_IN, "pip check")
    for wheel in _WHEEL.finditer(line):
        yield from _wheel(wheel, number)


def _is_conda(by: str, rest: str) -> bool:
    return by.lower() == "conda" and "pypi" not in rest and "<pip>" not in rest


def _package(match: re.Match[str], number: int, weight: int, form: str) -> Stated:
    return Stated(f"package.{normal(match['name'])}", match["version"].lstrip("v").rstrip("."), number, weight, form)


def _wheel(wheel: re.Match[str], number: int) -> Iterator[Stated]:
    """A wheel that is being fetched: what will be installed, and for which Python and platform."""
    yield Stated(f"package.{normal(wheel['name'])}", wheel["version"].replace("%2B", "+"), number, HINTED, "wheel")
    if wheel["platform"] != "any":
        yield Stated("wheel.platform", wheel["platform"], number, MENTIONED, "wheel")
    refused = "not a supported wheel" in wheel.string
    if re.fullmatch(r"cp[23]\d{1,2}", wheel["python"]) and wheel["abi"] != "abi3" and not refused:
        digits = wheel["python"][2:]
        yield Stated("python", f"{digits[0]}.{digits[1:]}", number, HINTED, "wheel")


def normal(name: str) -> str:
    """A distribution's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()
