"""The Dockerfiles of profiles: each as lint wants it, and their commands run, one after the other, above this machine's files."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envdoctor.knowledge.loading import load_knowledge
from tests.registry.test_installs import envdoctor
from tests.registry.test_installs import index as index

parsing = pytest.importorskip("dockerfile_parse")
pytestmark = [pytest.mark.registry, pytest.mark.skipif(sys.platform != "linux", reason="images of Linux")]

LINUX = "os=linux,machine=x86_64,glibc=2.35"
NVIDIA = f"gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05,{LINUX}"
FOR_NVIDIA = (
    "jax-cuda12", "jax-cuda13", "onnxruntime-gpu", "pytorch-cuda11", "pytorch-cuda12", "pytorch-cuda13", "rapids",
    "tensorflow-cuda", "vllm",
)  # fmt: skip
FOR_ANY = (
    "datascience", "jax-cpu", "jupyter", "keras-jax", "keras-tensorflow", "keras-torch", "mxnet-legacy", "onnxruntime-cpu", "pyg",
    "pytorch-cpu", "tensorflow-cpu", "transformers",
)  # fmt: skip
OPTIONS = {
    **dict.fromkeys(FOR_NVIDIA, ("--target", NVIDIA)),
    **dict.fromkeys(FOR_ANY, ("--target", f"gpu=none,{LINUX}")),
    "cuda-dev": ("--target", f"gpu=none,{LINUX}", "--python", "3.12"),
    "jax-tpu": ("--force",),
}
"""What each profile is planned for; the others are made by conda, or are not for Linux or for what the index offers."""
Instructions = list[tuple[str, str]]


def instructions(path: Path) -> Instructions:
    """The Dockerfile as a parser that is not ours reads it."""
    parser = parsing.DockerfileParser(fileobj=io.BytesIO(path.read_bytes()))
    return [(one["instruction"], one["value"]) for one in parser.structure if one["instruction"] != "COMMENT"]


def dockerfile(profile: str, folder: Path) -> Path:
    path = folder / "Dockerfile"
    ran = envdoctor("plan", profile, "--env", "e", *OPTIONS[profile], "--format", "dockerfile", "-o", str(path), folder=folder)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return path


def known_bases() -> re.Pattern[str]:
    """The images that the knowledge names, each with an exact tag."""
    table = load_knowledge().tables["images"]
    lines = "|".join(re.escape(line) for line in table["python"]["first_patch"])
    tags = "|".join(re.escape(str(row["tag"])) for row in table["cuda"]["rows"])
    python = rf"{table['python']['repository']}:({lines})(\.\d+)?-{table['python']['flavour']}"
    return re.compile(rf"{python}|{table['cuda']['repository']}:({tags})(-cudnn\d?)?-(base|runtime|devel)-ubuntu\d\d\.04")


@pytest.mark.parametrize("profile", OPTIONS)
def test_a_dockerfile_is_as_lint_and_practice_want_it(profile: str, tmp_path: Path) -> None:
    path = dockerfile(profile, tmp_path)
    linted = envdoctor("lint", str(path), "--format", "json", folder=tmp_path)
    assert linted.returncode == 0, linted.stdout
    assert json.loads(linted.stdout)["findings"] == []
    found = instructions(path)
    names = [name for name, _value in found]
    assert names[0] == "FROM"
    assert known_bases().fullmatch(found[0][1]), found[0][1]
    layers = [value for name, value in found if name == "RUN"]
    assert ["pip install" in value for value in layers] == [True, False], "one layer for packages, and one that checks"
    assert layers[0].count("pip install") == layers[0].count("--no-cache-dir")
    assert ("apt-get install" in layers[0]) == ("rm -rf /var/lib/apt/lists/*" in layers[0])
    assert [value for name, value in found if name == "USER"] == ["1000:1000"]
    assert names.index("USER") > names.index("RUN")
    assert names[-1] == "RUN"
    assert shlex.split(layers[1])[:3] == ["/opt/envdoctor/bin/envdoctor", "check", profile]


OVERLAY = (
    "mount -t overlay overlay -o lowerdir=/,upperdir={0}/upper,workdir={0}/work {0}/root"
    " && mount --bind /dev {0}/root/dev && mount -t proc proc {0}/root/proc && "
)


class Machine:
    """This machine's files with a layer above them, which a Dockerfile's commands write to as in a build."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for name in ("upper", "work", "root"):
            (place / name).mkdir(parents=True)

    def run(self, command: str, user: str = "0:0", folder: str = "/", **variables: str) -> subprocess.CompletedProcess[str]:
        root = shlex.quote(f"{self.place}/root")
        asked = shlex.quote(f"cd {shlex.quote(folder)} && {command}")
        script = f"{OVERLAY.format(shlex.quote(str(self.place)))}exec chroot --userspec={user} {root} /bin/sh -c {asked}"
        argv = ["unshare", "-m", "sh", "-c", script]
        return subprocess.run(argv, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Skips where that cannot be had; its files are removed at once."""
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("needs unshare, and root")
    made = Machine(tmp_path / "machine")
    if made.run("true", PATH=os.environ["PATH"]).returncode:
        pytest.skip("no layers of file systems here")
    yield made
    shutil.rmtree(tmp_path / "machine", ignore_errors=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """envdoctor itself, which is in no index yet."""
    folder = tmp_path_factory.mktemp("wheel")
    folder.chmod(0o755)
    source = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(source)], check=True)
    return next(folder.glob("*.whl"))


@pytest.mark.parametrize("profile", ["pytorch-cpu", "tensorflow-cpu", "datascience"])
def test_the_commands_of_a_dockerfile_make_what_its_last_one_checks(
    profile: str, machine: Machine, wheel: Path, tmp_path: Path
) -> None:
    variables = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    base = str(Path(sys.base_prefix, "bin"))
    variables |= {"PATH": f"{base}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "ENVDOCTOR": str(wheel)}
    above = " ".join(shlex.quote(str(path)) for path in Path(base).parents if path != Path("/"))
    assert machine.run(f"chmod a+rx {above}", PATH=os.environ["PATH"]).returncode == 0, "a base image's Python is for everybody"
    user, folder = "0:0", "/"
    for name, value in instructions(dockerfile(profile, tmp_path)):
        if name == "ENV":
            pairs = (word.partition("=") for word in shlex.split(value))
            variables |= {key: text.replace("$PATH", variables["PATH"]) for key, _sign, text in pairs}
        elif name == "USER":
            user = value
        elif name == "WORKDIR":
            folder = value
        elif name == "RUN":
            ran = machine.run(value, user, folder, **variables)
            assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert (machine.place / "upper" / "opt" / "env" / "bin" / "python").is_symlink()
    assert not (machine.place / "upper" / "tmp" / "requirements.txt").exists()
    assert not list((machine.place / "upper" / "root").glob(".cache/pip/*"))
