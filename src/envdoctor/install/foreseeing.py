"""A resolution begun before the plan is made: for uv it is mostly waiting for the index, as long as all else before an install.

What a plan asks the package manager is, for most profiles, just what the profile says. So that is asked while the machine is
looked at and the offers are gathered. Where the plan then asks the very same, the answer is there; else it is thrown away.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from envdoctor.model.plan import Command
from envdoctor.system.begun import Begun
from envdoctor.system.files import answering
from envdoctor.system.port import Output
from envdoctor.system.runner import run_command
from envdoctor.system.stalling import stall_limit

if TYPE_CHECKING:
    from envdoctor.install.backends import Backend
    from envdoctor.model.offers import IndexSettings
    from envdoctor.model.plan import Step

LINES = "requirements.in"


class Foreseen:
    """A resolution under way; a context, at whose end nothing of it is left."""

    def __init__(
        self, step: Step, backend: Backend, settings: IndexSettings, meanwhile: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare it; `meanwhile` is what else can be done while its answer is waited for."""
        self.step, self.backend, self.settings, self._meanwhile = step, backend, settings, meanwhile
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._begun: Begun | None = None

    def __enter__(self) -> Foreseen:
        """Begin. Where that is not possible, whoever asks properly will say why."""
        with suppress(OSError):
            self._folder = tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True)
            with open(os.path.join(self._folder.name, LINES), "w", encoding="utf-8") as file:
                file.write(lines_of(self.step))
            self._begun = Begun(self.backend.resolve(self.step, self._folder.name))
        return self

    def __exit__(self, *_error: object) -> None:
        if self._begun is not None:
            self._begun.end()
        if self._folder is not None:
            self._folder.cleanup()

    def run(self, command: Command, *, timeout_s: float | None = None) -> Output:
        """Run a command, as `run_command`; the one that was foreseen has run already, and its answer is taken if it is good.

        Raises:
            SourceError: it cannot be started, or did not end in time.
        """
        if self._folder is not None and self._is_foreseen(command) and self._has_succeeded(timeout_s):
            answer = self.backend.resolves_to
            with answering("temporary files"):
                shutil.copyfile(os.path.join(self._folder.name, answer), os.path.join(os.path.dirname(command.argv[-1]), answer))
            return Output(0, "", "")
        return run_command(command, timeout_s=timeout_s)

    def _is_foreseen(self, command: Command) -> bool:
        wanted = os.path.dirname(command.argv[-1])
        if os.path.basename(command.argv[-1]) != LINES or command != self.backend.resolve(self.step, wanted):
            return False
        with open(command.argv[-1], encoding="utf-8") as file:
            return file.read() == lines_of(self.step)

    def _has_succeeded(self, timeout_s: float | None) -> bool:
        """Wait for its end. Of a failure nothing is taken: whoever asks again words it."""
        if self._begun is None:
            return False
        self._meanwhile()
        return self._begun.has_succeeded(min(stall_limit(), float("inf") if timeout_s is None else timeout_s))


def lines_of(step: Step) -> str:
    """The file of requirements that a resolution reads."""
    return "\n".join(step.requirements) + "\n"
