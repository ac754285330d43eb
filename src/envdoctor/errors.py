"""Errors that a user can see, and the exit codes of the contract."""

from __future__ import annotations

EXIT_OK = 0
EXIT_FINDING = 1
EXIT_BAD_INPUT = 2
EXIT_UNDECIDED = 3
EXIT_INTERRUPTED = 130


class EnvdoctorError(Exception):
    """Something a person must be told in one line; never shown as a traceback."""

    exit_code = EXIT_FINDING


class BadInput(EnvdoctorError):
    """A profile, option, recording or report that cannot be read.

    The message is one line that starts with the place (`file:line: key: ...`) where there is one and ends
    with the nearest known word or the next step.
    """

    exit_code = EXIT_BAD_INPUT


class InstallFailed(EnvdoctorError):
    """An install that did not happen or was rolled back; the message says what is there now."""

    exit_code = EXIT_FINDING
