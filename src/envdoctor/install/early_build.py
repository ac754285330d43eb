"""A new environment by uv, begun while the index is asked; with its packages, where uv's cache knows them.

To resolve a hundred packages uv waits 0.6 s for the index, and then links their files in 0.3 s. What its cache knows of the
index resolves in 0.06 s, and almost always to the same. So that is linked meanwhile, where nobody has to be asked about the
plan; no network is used for it, and no room to speak of. Where the plan comes to other files, it is removed again. Where the
cache knows too little, the environment is made, with pip, and the packages wait for the plan.
"""

from __future__ import annotations

import os
import tempfile
import threading
from typing import TYPE_CHECKING

from envdoctor.install.early import Early
from envdoctor.install.foreseeing import LINES, lines_of
from envdoctor.install.gathering import find_rooms
from envdoctor.install.journal import MARK, Journal, write_journal
from envdoctor.install.planner.room import is_one_device
from envdoctor.install.pythons import this_python
from envdoctor.install.remembering import hash_of
from envdoctor.install.resolution import is_here, parse_resolution
from envdoctor.install.shortcut import from_cache, puts_pip_later, shortcut
from envdoctor.model.plan import Command, Download, Plan, Step
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.begun import Begun
from envdoctor.system.live import Live
from envdoctor.system.port import SourceError
from envdoctor.system.stalling import stall_limit

if TYPE_CHECKING:
    from envdoctor.install.foreseeing import Foreseen


class EarlyBuild(Early):
    """A new environment under way."""

    def __init__(self, environment: str, profile: str, foreseen: Foreseen | None) -> None:
        """Prepare it for what is `foreseen` of the plan; nothing is made yet."""
        super().__init__(environment, profile, "building")
        self._foreseen = foreseen
        self._cached: tuple[Download, ...] = ()
        self._likely: Plan | None = None
        self._is_made = self._is_ended = False
        self._is_settled = threading.Event()
        """What it is going to be is known by now, or that it is going to be nothing."""
        self._command: Begun | None = None
        self._thread: threading.Thread | None = None
        self._one = threading.Lock()

    def begin(self) -> None:
        """Begin, where nothing is in its place, and uv's cache lies where files can be linked from it."""
        environment = self.journal.environment
        foreseen = self._foreseen
        if foreseen is None or self._thread is not None or foreseen.settings.offline or os.path.lexists(environment):
            return
        if not os.path.isdir(os.path.dirname(environment)) or not is_one_device(find_rooms(Live(), environment, "uv")):
            return
        if os.environ.get("UV_LINK_MODE", "").lower() == "copy":  # that takes room, of which nobody has made sure yet
            return
        if any("@" in line for line in foreseen.step.requirements):  # what an address leads to, no cache knows
            return
        os.environ[MARK] = self.journal.identity  # what is started from now on can be told by it, also where this is killed
        self._thread = threading.Thread(target=self._make, args=(foreseen,), daemon=True)
        self._thread.start()

    def serves(self, plan: Plan) -> bool:
        """Whether the plan can go on from it; waits for its end then. Else nothing of it is left.

        Raises:
            InstallFailed: what was made cannot be removed.
        """
        if self._thread is not None:
            self._is_settled.wait()
            if self._likely is not None and is_plain(plan) and is_begun_by(self._likely, plan):
                self._thread.join()
                if self._is_made:
                    return True
        self._give_up()
        return False

    def did(self, step: Step) -> bool:
        """Whether a step of the plan that it serves is done with it."""
        is_whole = self._likely is not None and bool(self._likely.downloads)
        return step.action == "create-environment" or (is_whole and step.action == "install-packages")

    def lacks(self, plan: Plan) -> bool:
        """Whether uv's cache surely had not all that the plan installs."""
        return files_of(self._cached) != files_of(plan.downloads)

    def stop(self) -> None:
        """Make no more of it."""
        with self._one:
            self._is_ended = True
            if self._command is not None:
                self._command.end()
        if self._thread is not None:
            self._thread.join()

    def _make(self, foreseen: Foreseen) -> None:
        """Resolve by the cache, make the environment; whatever fails is done properly later, and said then."""
        python = this_python()
        try:
            if python is None or python.path != foreseen.step.python:
                return
            self._cached = self._resolved(foreseen) or ()
            create = Step(
                "create-environment", "", "", environment=self.journal.environment, python=python.path,
                with_pip=python.makes_environments, pip_wheels=python.pip_wheels,
            )  # fmt: skip
            # what lies in a folder needs no cache: of that alone the index will have newer releases
            is_known = any(not is_here(file) for file in self._cached)
            likely = _likely_plan(self.journal, foreseen, create, self._cached if is_known else ())
            commands = _commands(likely, foreseen)
            if commands is None:
                return
            write_journal(self.journal)
            self.is_begun, self._likely = True, likely
            self._is_settled.set()
            self._is_made = all(self._run(command) for command in commands)
        except (SourceError, OSError, ValueError):
            return
        finally:
            self._is_settled.set()

    def _resolved(self, foreseen: Foreseen) -> tuple[Download, ...] | None:
        """What uv's cache says of the requirements; None where it does not know enough."""
        step, backend = foreseen.step, foreseen.backend
        with tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True) as folder:
            with open(os.path.join(folder, LINES), "w", encoding="utf-8") as file:
                file.write(lines_of(step))
            if not self._run(from_cache(backend.resolve(step, folder), "compile")):
                return None
            with open(os.path.join(folder, backend.resolves_to), encoding="utf-8") as file:
                return parse_resolution(backend.resolves_to, file.read())

    def _run(self, command: Command) -> bool:
        """Run a command to its end; whether that was a good one."""
        with self._one:
            if self._is_ended:
                return False
            self._command = Begun(command)
        return self._command.has_succeeded(stall_limit())


def _likely_plan(journal: Journal, foreseen: Foreseen, create: Step, downloads: tuple[Download, ...]) -> Plan:
    """`===`, for a build with a local part (`2.9.1+cpu`) would be taken for `==2.9.1`, too."""
    backend = foreseen.backend
    pins = tuple(f"{file.name}==={file.version}" for file in downloads)
    install = replace(foreseen.step, action="install-packages", environment=journal.environment, pins=pins)
    steps = tuple(replace(step, commands=backend.commands(step)) for step in (create, install))
    return Plan(journal.profile, journal.environment, True, backend.name, (), steps, downloads)


def _commands(plan: Plan, foreseen: Foreseen) -> tuple[Command, ...] | None:
    """What makes it: the environment, and what uv's cache knows of its packages; None where that has no short way."""
    create, install = plan.steps
    if not plan.downloads:
        return create.commands
    with shortcut(install, plan, foreseen.backend, foreseen.settings) as quick:
        if quick is None:
            return None
        is_later = puts_pip_later(create, plan, foreseen.backend, foreseen.settings)
        return (*(create.commands[:1] if is_later else create.commands), quick)


def is_plain(plan: Plan) -> bool:
    """Whether it makes an environment of packages, each from its file, and does nothing else."""
    installs = [step for step in plan.steps if step.action == "install-packages"]
    others = [step for step in plan.steps if step.action not in {"create-environment", "install-packages"} and step.commands]
    special = [step for step in installs if step.again or step.from_source or step.lock_file or step.manager]
    return plan.creates_environment and plan.backend == "uv" and not others and not special


def is_begun_by(likely: Plan, plan: Plan) -> bool:
    """Whether one plan is the other, or its environment without the packages."""
    is_same = environment_of(likely) == environment_of(plan)
    return is_same and (not likely.downloads or files_of(likely.downloads) == files_of(plan.downloads))


def environment_of(plan: Plan) -> tuple[object, ...]:
    """The environment that a plan makes: where, with which Python and pip."""
    made = [(step.python, step.with_pip, step.pip_wheels) for step in plan.steps if step.action == "create-environment"]
    return (plan.environment, made)


def files_of(downloads: tuple[Download, ...] | Unknown) -> list[tuple[object, ...]] | None:
    """The very files of a resolution; None where there is none."""
    if isinstance(downloads, Unknown):
        return None
    return [(file.name, file.version, file.source, hash_of(file)) for file in downloads]
