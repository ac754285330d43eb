"""A plan as a Dockerfile: a pinned base, one layer for packages, no caches, no root, and a check that ends the build."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor import __version__
from envdoctor.model.offers import PYTORCH_INDEX, IndexSettings
from envdoctor.model.plan import Plan
from envdoctor.model.record import record
from envdoctor.render.plan_requirements import hashes_of, is_shown, pin_of, pinned
from envdoctor.render.shell import command_line

PREFIX, DOCTOR, USER_ID = "/opt/env", "/opt/envdoctor", 1000
_REQUIREMENTS = "/tmp/requirements.txt"  # noqa: S108 - inside the image, and gone before the layer ends
OF_THE_MACHINE = (
    "container-memory-limit", "container-no-gpu", "container-shm-too-small", "disk-full", "profile-cpu-cores-unmet",
    "profile-disk-unmet", "profile-ram-unmet", "profile-shm-unmet",
)  # fmt: skip
"""Rules about the machine that a container runs on, which the one that builds it says nothing of."""


@record
class ImageNeeds:
    """What an image needs beside the plan's packages."""

    base: str
    base_why: str
    base_source: str
    system_packages: tuple[str, ...] = ()
    system_python: bool = False
    """Whether Python comes from the distribution."""
    driver_floor: str = ""
    """Major number of the oldest driver; empty for images without a GPU."""
    target: str = ""
    """What `check --target` is told of the hardware, which is not there while an image is built."""
    profile_file: str = ""
    """A profile that does not come with envdoctor, to be copied into the image."""
    variables: tuple[tuple[str, str], ...] = ()


def render_dockerfile(plan: Plan, needs: ImageNeeds, settings: IndexSettings) -> str:
    """The Dockerfile."""
    private = not all(is_shown(address) for address in _addresses(settings))
    lines = [
        "# syntax=docker/dockerfile:1",
        f"# {_comment(plan.profile)}: made by envdoctor plan --format dockerfile",
        f"# Base: {needs.base_why}; {needs.base_source}",
        "# To pin it to the byte as well: docker buildx imagetools inspect BASE, then BASE@sha256:...",
        f"FROM {needs.base}",
        "# What the last step checks with: a release, or an address that pip understands (--build-arg ENVDOCTOR=...)",
        f'ARG ENVDOCTOR="envdoctor=={__version__}"',
        *_variables(needs),
    ]
    if needs.profile_file:
        lines.append(f'COPY [{_json(needs.profile_file)}, "{DOCTOR}/profile.yaml"]')
    if private:
        lines.append("# An index with a password: docker build --secret id=pip,src=$HOME/.config/pip/pip.conf ...")
    lines += _packages(plan, needs, settings, private)
    lines += [
        "WORKDIR /home/app",
        f"USER {USER_ID}:{USER_ID}",
        'CMD ["python"]',
        "# The build ends here where what was made would not work.",
        f"RUN {command_line(_check(plan, needs))}",
    ]
    return "\n".join(lines) + "\n"


def _variables(needs: ImageNeeds) -> Iterator[str]:
    yield f"ENV PATH={PREFIX}/bin:$PATH VIRTUAL_ENV={PREFIX} PYTHONUNBUFFERED=1"
    if needs.driver_floor:
        yield "ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility"
        yield "# The container toolkit refuses to start it on an older driver."
        yield f'ENV NVIDIA_REQUIRE_DRIVER="driver>={needs.driver_floor}"'
    for name, value in needs.variables:
        yield f'ENV {name}="{_quoted(value)}"'


def _packages(plan: Plan, needs: ImageNeeds, settings: IndexSettings, private: bool) -> Iterator[str]:
    """One layer: everything is fetched, installed and cleaned away in it."""
    python = "python3" if needs.system_python else "python"
    system = (*(("python3", "python3-venv") if needs.system_python else ()), *needs.system_packages)
    hashed = all(hashes_of(download) for download in pinned(plan))
    install = [f"{PREFIX}/bin/python", "-m", "pip", "install", "--no-cache-dir", "--no-deps"]
    install += [*(["--require-hashes"] if hashed else []), "-r", _REQUIREMENTS]
    commands = ["set -eu"]
    if system:
        commands += ["apt-get update", command_line(("apt-get", "install", "-y", "--no-install-recommends", *system))]
        commands += ["rm -rf /var/lib/apt/lists/*"]
    commands += [
        f"{python} -m venv {PREFIX}",
        _printf(tuple(_requirement_lines(plan, settings, hashed))) + f" > {_REQUIREMENTS}",
        command_line(tuple(install)),
        f"{python} -m venv {DOCTOR}",
        f'{DOCTOR}/bin/python -m pip install --no-cache-dir "$ENVDOCTOR"',
        f"rm -rf {_REQUIREMENTS} /root/.cache",
        f"(getent passwd {USER_ID} >/dev/null || useradd --create-home --uid {USER_ID} --user-group app)",
        f"install -d -o {USER_ID} -g {USER_ID} /home/app",
    ]
    mount = "--mount=type=secret,id=pip,target=/etc/pip.conf " if private else ""
    yield f"RUN {mount}" + "; \\\n    ".join(commands)


def _printf(lines: tuple[str, ...]) -> str:
    """The lines, one to a line of the Dockerfile; `printf` needs neither a here-document nor a file beside."""
    return "printf '%s\\n' \\\n        " + " \\\n        ".join(command_line((line,)) for line in lines)


def _requirement_lines(plan: Plan, settings: IndexSettings, hashed: bool) -> Iterator[str]:
    """Places that an image can reach, and every package with its hashes."""
    steps = [step for step in plan.steps if step.action == "install-packages"]
    extra = [address for step in steps for address in step.extra_indexes]
    if "index_url" in settings.stated and _is_remote(settings.index_url):
        yield f"--index-url {settings.index_url}"
    for address in dict.fromkeys((*extra, *settings.extra_index_urls, *_pytorch_variants(plan))):
        if _is_remote(address):
            yield f"--extra-index-url {address}"
    for place in settings.find_links:
        if _is_remote(place):
            yield f"--find-links {place}"
    for download in pinned(plan):
        hashes = hashes_of(download) if hashed else ()
        yield " ".join((pin_of(download, plan), *(f"--hash=sha256:{sha256}" for sha256 in hashes)))


def _pytorch_variants(plan: Plan) -> Iterator[str]:
    """The part of the PyTorch index for builds of it that lay in a folder of this machine."""
    for download in pinned(plan):
        local = download.version.partition("+")[2]
        if local and download.name in {"torch", "torchvision", "torchaudio"} and not _is_remote(download.source):
            yield f"{PYTORCH_INDEX}/{local}"


def _check(plan: Plan, needs: ImageNeeds) -> tuple[str, ...]:
    profile = f"{DOCTOR}/profile.yaml" if needs.profile_file else plan.profile
    target = ("--target", _comment(needs.target)) if needs.target else ()
    return (f"{DOCTOR}/bin/envdoctor", "check", profile, "--python", PREFIX, *target, "--ignore", ",".join(OF_THE_MACHINE))


def _addresses(settings: IndexSettings) -> tuple[str, ...]:
    return (settings.index_url, *settings.extra_index_urls, *settings.find_links)


def _is_remote(address: str) -> bool:
    return address.startswith(("http://", "https://")) and is_shown(address)


def _comment(text: str) -> str:
    """One line, whatever a name holds."""
    return " ".join(text.split())


def _json(path: str) -> str:
    """A word of the exec form, in which Docker still puts in variables."""
    import json

    return json.dumps(path).replace("$", "\\\\$")


def _quoted(value: str) -> str:
    """The inside of a quoted value of ENV."""
    escaped = _comment(value).replace("\\", "\\\\").replace('"', '\\"')
    return escaped.replace("$", "\\$")
