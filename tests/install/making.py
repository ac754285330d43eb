"""Environments, package managers and benches for tests of installs. The package managers are small Python programs."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

from envdoctor.install.apply import Bench
from envdoctor.install.backends import open_backend
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts, Subject
from envdoctor.model.offers import IndexSettings
from envdoctor.model.plan import Command, Plan, Step
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import replace
from envdoctor.probes.collecting import collect_facts
from envdoctor.rules import load_rules
from envdoctor.system.live import Live
from envdoctor.system.runner import run_command

SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)
PUT = """
import os, sys, time
prefix, name, version, behaviour = sys.argv[1:5]
site = os.path.join(prefix, {site!r})
print("Collecting", name, flush=True)
with open(os.path.join(site, "kept.py"), "w") as file:
    file.write("changed in place")
if behaviour == "fails":
    print("ERROR: no such luck", file=sys.stderr)
    sys.exit(1)
if behaviour == "hangs":
    time.sleep(60)
if behaviour == "dies":
    os.kill(os.getpid(), 9)
folder = os.path.join(site, name + "-" + version + ".dist-info")
os.makedirs(folder)
with open(os.path.join(folder, "METADATA"), "w") as file:
    file.write("Metadata-Version: 2.1\\nName: " + name + "\\nVersion: " + version + "\\n")
with open(os.path.join(folder, "RECORD"), "w") as file:
    file.write(name + ".py,,\\n")
with open(os.path.join(site, name + ".py"), "w") as file:
    file.write("raise ImportError('it is broken')" if behaviour == "breaks" else "__version__ = " + repr(version))
print("Successfully installed", name, flush=True)
"""
"""A package manager: puts one module into an environment, or fails, hangs, dies or installs something broken."""


def write_manager(folder: Path) -> str:
    """The package manager's path."""
    path = folder / "manager.py"
    path.write_text(PUT.format(site=SITE))
    return str(path)


def make_environment(path: Path) -> Path:
    """A real virtual environment with a module of its own in it."""
    venv.create(path, with_pip=False, symlinks=True)
    (path / SITE / "kept.py").write_text("as it was")
    return path


def make_plan(environment: Path, manager: str, behaviour: str = "works", creates: bool = True) -> Plan:
    """A plan that makes an environment, if need be, and puts the module `gadget` into it."""
    create = Step(
        "create-environment", f"Create {environment}", "", environment=str(environment),
        commands=(Command((sys.executable, "-I", "-m", "venv", "--without-pip", str(environment))),),
    )  # fmt: skip
    command = Command((sys.executable, manager, str(environment), "gadget", "1.0", behaviour))
    install = Step("install-packages", "Install packages", "", ("gadget",), environment=str(environment), commands=(command,))
    steps = (create, install) if creates else (install,)
    return Plan("gadgets", str(environment), creates, "pip", (), (*steps, Step("verify", "Verify", "")))


def make_bench(
    environment: Path, profile: Profile | None = None, told: list[str] | None = None, keep_failed: bool = False
) -> Bench:
    """A bench on this machine, with the real runner."""
    system = Live()
    asked = profile or Profile("gadgets", "Gadgets", packages=(PackageRequirement("gadget", "gadget"),), imports=("gadget",))
    before = collect_facts(system, Subject("live", "here"), python=str(environment) if environment.exists() else None)
    lines = told if told is not None else []
    return Bench(
        system=system,
        run=run_command,
        backend=open_backend("pip", False, IndexSettings()),
        profile=asked,
        knowledge=load_knowledge(),
        rules=load_rules(),
        before=before if environment.exists() else replace(before, environment=None),
        aim=same,
        device="cpu",
        keep_failed=keep_failed,
        tell_line=lines.append,
    )


def same(facts: Facts) -> Facts:
    """No target."""
    return facts


def snapshot(path: Path) -> dict[str, tuple[str, int]]:
    """Every file of an environment with its content and inode."""
    found = {}
    for folder, _names, files in os.walk(path):
        for name in files:
            file = Path(folder, name)
            found[str(file.relative_to(path))] = (
                os.readlink(file) if file.is_symlink() else file.read_text(),
                file.lstat().st_ino,
            )
    return found
