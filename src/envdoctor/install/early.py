"""What can be begun of an install while its plan is still resolved: `EarlyBuild` of a new environment, `EarlyTwin` of another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from envdoctor.install.journal import MARK, Journal, give_up, new_identity

if TYPE_CHECKING:
    from envdoctor.model.plan import Plan, Step

_Self = TypeVar("_Self", bound="Early")


class Early:
    """Work under way; a context, at whose end nothing of it is left unless it was taken."""

    def __init__(self, environment: str, profile: str, stage: str) -> None:
        """Prepare it; nothing is made yet. `stage` is the journal's."""
        self.journal = Journal(environment, profile, os.getpid(), stage, new_identity())
        self.is_begun = self._is_taken = False

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove it, where nobody took it.

        Raises:
            InstallFailed: it cannot be removed; the next install tries again.
        """
        self._give_up()
        os.environ.pop(MARK, None)

    def begin(self) -> None:
        """Begin, where that is of use."""
        raise NotImplementedError

    def serves(self, plan: Plan) -> bool:
        """Whether the plan, as it is now, can go on from there."""
        raise NotImplementedError

    def did(self, _step: Step) -> bool:
        """Whether a step of the plan that it serves is done with it."""
        return False

    def lacks(self, _plan: Plan) -> bool:
        """Whether the package manager's cache surely had not all that the plan installs; False where nobody has looked."""
        return False

    def take(self) -> None:
        """From now on whoever calls this keeps the journal, and undoes it after `stop`."""
        self._is_taken = True

    def wait(self) -> None:
        """Wait until it is made, as far as `serves` has not.

        Raises:
            SourceError: it cannot be made.
        """

    def stop(self) -> None:
        """Make no more of it."""
        raise NotImplementedError

    def _give_up(self) -> None:
        self.stop()
        if self.is_begun and not self._is_taken:
            give_up(self.journal)
            self.is_begun = False
