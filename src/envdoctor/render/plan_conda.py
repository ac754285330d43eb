"""Plans → environment.yml, from which conda, mamba and micromamba make the same environment."""

from __future__ import annotations

import json
import os
import re
from urllib.parse import urlsplit, urlunsplit

from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Plan, Step

DEFAULT_CHANNEL = "conda-forge"
"""Where Python comes from for plans in which conda had no part."""
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+=/-]*")
"""Text that YAML reads as itself without quotes."""


def render_environment(plan: Plan, settings: IndexSettings) -> str:
    """An `environment.yml`: conda's packages with their builds, then wheels with their versions by the environment's pip.

    `nodefaults` keeps channels out that conda is configured to. Credentials in addresses are left out: conda and pip have
    them in their own configuration.
    """
    by_conda = [step for step in plan.steps if step.manager == "conda"]
    wheels = [step for step in plan.steps if step.manager != "conda" and step.action == "install-packages"]
    channels = dict.fromkeys(bare_address(channel) for step in by_conda for channel in step.channels)
    lines = [
        f"# {plan.profile}: made by envdoctor plan --format conda",
        f"name: {_text(_name_of(plan))}",
        "channels:",
        *(f"  - {_text(channel)}" for channel in channels or (DEFAULT_CHANNEL,)),
        "  - nodefaults",
        "dependencies:",
        *(f"  - {_text(one)}" for one in _conda_packages(plan, by_conda, bool(wheels))),
    ]
    if wheels:
        lines.append("  - pip:")
        lines += [f"    - {_text(line)}" for line in (*_pip_options(wheels, settings), *_wheels(wheels))]
    return "\n".join(lines) + "\n"


def bare_address(address: str) -> str:
    """An address without the user, password or token in it."""
    if "://" not in address:
        return address
    parts = urlsplit(address)
    path = re.sub(r"^/t/[^/]+", "", parts.path)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, parts.query, ""))


def _conda_packages(plan: Plan, steps: list[Step], has_wheels: bool) -> list[str]:
    """Every package with its build; where conda had no part, the Python of the plan and pip."""
    found = [line for step in steps for line in (step.requirements if step.pins is None else step.pins)]
    if not found:
        python = plan.python or next((choice.value.split()[0] for choice in plan.choices if choice.what == "python"), "")
        line = ".".join(python.split(".")[:2])
        found = [f"python={line}" if line else "python"]
    has_pip = any(re.match(r"pip($|[ =<>!~])", line) for line in found)
    return [*found, *(["pip"] if has_wheels and not has_pip else [])]


def _wheels(steps: list[Step]) -> list[str]:
    return list(dict.fromkeys(line for step in steps for line in (step.requirements if step.pins is None else step.pins)))


def _pip_options(steps: list[Step], settings: IndexSettings) -> list[str]:
    """The places, as lines that pip reads in a requirements file, which is what conda makes of this list."""
    stated = [settings.index_url] if "index_url" in settings.stated else []
    own = [step.index for step in steps if step.index]
    further = dict.fromkeys((*(place for step in steps for place in step.extra_indexes), *settings.extra_index_urls))
    folders = dict.fromkeys((*(place for step in steps for place in step.find_links), *settings.find_links))
    return [
        *(f"--index-url {bare_address(place)}" for place in (own or stated)[:1]),
        *(f"--extra-index-url {bare_address(place)}" for place in further),
        *(f"--find-links {bare_address(place)}" for place in folders),
        *(["--no-index"] if settings.no_index else []),
    ]


def _name_of(plan: Plan) -> str:
    """The folder's name, without what marks it as a folder of a project: `.venv-caffe-legacy` is `caffe-legacy`."""
    name = os.path.basename(plan.environment.rstrip("/\\")).removeprefix(".venv-").lstrip(".")
    return name if name and name not in {"venv", "env"} else plan.profile


def _text(value: str) -> str:
    """A value that YAML reads as this text: quoted where it could be anything else."""
    plain = _PLAIN.fullmatch(value) and not re.fullmatch(r"[0-9._+-]+|true|false|yes|no|on|off|null|y|n", value, re.IGNORECASE)
    return value if plain else json.dumps(value)
