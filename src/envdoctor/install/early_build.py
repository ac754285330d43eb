"""A new environment by uv, begun from its cache while the index is asked: it stays if the plan comes to just these files.

To resolve a hundred packages uv waits 0.6 s for the index, and then links their files in 0.3 s. What its cache knows of the
index resolves in 0.06 s, and almost always to the same. So that is linked meanwhile, where nobody has to be asked about the
plan; no network is used for it, and no room to speak of. Where the plan comes out differently, it is removed again.
"""

from __future__ import annotations

import os
import tempfile
import threading
from typing import TYPE_CHECKING

from envdoctor.install.foreseeing import LINES, lines_of
from envdoctor.install.gathering import find_rooms
from envdoctor.install.journal import MARK, Journal, give_up, new_identity, write_journal
from envdoctor.install.planner.room import is_one_device
from envdoctor.install.pythons import this_python
from envdoctor.install.remembering import hash_of
from envdoctor.install.resolution import parse_resolution
from envdoctor.install.shortcut import from_cache, shortcut
from envdoctor.model.plan import Command, Download, Plan, Step
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.begun import Begun
from envdoctor.system.live import Live
from envdoctor.system.port import SourceError
from envdoctor.system.stalling import stall_limit

if TYPE_CHECKING:
    from envdoctor.install.foreseeing import Foreseen


class EarlyBuild:
    """A new environment under way; a context, at whose end it is gone unless it was taken."""

    def __init__(self, environment: str, profile: str, foreseen: Foreseen | None) -> None:
        """Prepare it for what is `foreseen` of the plan; nothing is made yet."""
        self.journal = Journal(environment, profile, os.getpid(), "building", new_identity())
        self.is_begun = self._is_taken = self._is_ended = False
        self._foreseen = foreseen
        self._made: Plan | None = None
        self._command: Begun | None = None
        self._thread: threading.Thread | None = None
        self._one = threading.Lock()

    def __enter__(self) -> EarlyBuild:
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove it, where nobody took it.

        Raises:
            InstallFailed: it cannot be removed; the next install tries again.
        """
        self._give_up()
        os.environ.pop(MARK, None)

    def begin(self) -> None:
        """Begin, where nothing is in its place, and uv's cache lies where files can be linked from it."""
        environment = self.journal.environment
        foreseen = self._foreseen
        if foreseen is None or self._thread is not None or foreseen.settings.offline or os.path.lexists(environment):
            return
        if not os.path.isdir(os.path.dirname(environment)) or not is_one_device(find_rooms(Live(), environment, "uv")):
            return
        if any("@" in line for line in foreseen.step.requirements):  # what an address leads to, no cache knows
            return
        os.environ[MARK] = self.journal.identity  # what is started from now on can be told by it, also where this is killed
        self._thread = threading.Thread(target=self._make, args=(foreseen,), daemon=True)
        self._thread.start()

    def serves(self, plan: Plan) -> bool:
        """Whether it is what the plan says, file by file; waits for its end. Where it is not, nothing of it is left.

        Raises:
            InstallFailed: what was made cannot be removed.
        """
        if self._thread is not None:
            self._thread.join()
        if self._made is not None and is_plain(plan) and outcome_of(self._made) == outcome_of(plan):
            return True
        self._give_up()
        return False

    def take(self) -> None:
        """From now on whoever calls this keeps the journal, and undoes it after `stop`."""
        self._is_taken = True

    def wait(self) -> None:
        """Nothing is left to be waited for: `serves` has done so."""

    def stop(self) -> None:
        """Make no more of it."""
        with self._one:
            self._is_ended = True
            if self._command is not None:
                self._command.end()
        if self._thread is not None:
            self._thread.join()

    def _give_up(self) -> None:
        self.stop()
        if self.is_begun and not self._is_taken:
            give_up(self.journal)
            self.is_begun = False

    def _make(self, foreseen: Foreseen) -> None:
        """Resolve by the cache, make the environment; whatever fails is done properly later, and said then."""
        python = this_python()
        try:
            downloads = self._resolved(foreseen)
            if not downloads or python is None or python.path != foreseen.step.python:
                return
            create = Step(
                "create-environment", "", "", environment=self.journal.environment, python=python.path,
                with_pip=python.makes_environments, pip_wheels=python.pip_wheels,
            )  # fmt: skip
            likely = _likely_plan(self.journal, foreseen, create, downloads)
            commands = _commands(likely, foreseen)
            if commands is None:
                return
            write_journal(self.journal)
            self.is_begun = True
            if all(self._run(command) for command in commands):
                self._made = likely
        except (SourceError, OSError, ValueError):
            return

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
    """What makes the environment, from the cache alone; None where that cannot be said."""
    create, install = plan.steps
    with shortcut(install, plan, foreseen.backend, foreseen.settings) as quick:
        return None if quick is None or not create.pip_wheels else (create.commands[0], quick)


def is_plain(plan: Plan) -> bool:
    """Whether it makes an environment of packages, each from its file, and does nothing else."""
    installs = [step for step in plan.steps if step.action == "install-packages"]
    others = [step for step in plan.steps if step.action not in {"create-environment", "install-packages"} and step.commands]
    special = [step for step in installs if step.again or step.from_source or step.lock_file or step.manager]
    return plan.creates_environment and plan.backend == "uv" and not others and not special


def outcome_of(plan: Plan) -> tuple[object, ...]:
    """What a plan makes: with which Python and pip, from which files."""
    files = () if isinstance(plan.downloads, Unknown) else plan.downloads
    return (
        plan.environment,
        [(step.python, step.with_pip, step.pip_wheels) for step in plan.steps if step.action == "create-environment"],
        [(file.name, file.version, file.source, hash_of(file)) for file in files],
    )
