"""Where text leaves the program: standard output, a file named by `-o`, and one line for an error."""

from __future__ import annotations

import os
import sys

from envdoctor.cli.speaking import spoken_text
from envdoctor.errors import EXIT_BAD_INPUT, EXIT_INTERRUPTED, BadInput, EnvdoctorError

STANDARD_OUTPUT = "-"


def write_text(text: str, path: str | None = None, option: str = "-o") -> None:
    """Write a whole text to a file, or to standard output where the path is None or `-`.

    A reader that has gone away (`| head`) is no error. Characters that the encoding lacks are replaced. `option` names
    the path in the message where it cannot be written.

    Raises:
        BadInput: the file, or what standard output leads to, cannot be written.
    """
    if path is not None and path != STANDARD_OUTPUT:
        _write_file(text, path, option)
        return
    stream = sys.stdout
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding, "replace"))
        stream.flush()
    except BrokenPipeError:
        _discard(stream.fileno())
    except OSError as error:
        _discard(stream.fileno())
        raise BadInput(f"standard output: cannot be written: {error.strerror}") from error


def show_error(error: EnvdoctorError, arguments: list[str]) -> int:
    """Tell an error in one line on standard error, and as JSON on standard output where JSON was asked for."""
    message = " ".join(str(error).split())
    if not _show_error_document(message, error.exit_code, arguments):
        return EXIT_BAD_INPUT
    _say(f"envdoctor: {spoken_text(message)}")
    return error.exit_code


def show_interrupted(arguments: list[str], outcome: str = "") -> None:
    """Tell that Ctrl-C, or a request to end, was heard, and what is there now; as JSON too where JSON was asked for."""
    words = ["interrupted", *([outcome] if outcome else [])]
    _show_error_document("; ".join(words), EXIT_INTERRUPTED, arguments)
    _say(f"envdoctor: {'; '.join(map(spoken_text, words))}")


def _show_error_document(message: str, status: int, arguments: list[str]) -> bool:
    """Print an error as JSON where JSON was asked for; False where that could not be printed."""
    if not wants_json(arguments):
        return True
    import json

    document = {"error": {"message": message, "exit_status": status}}
    try:
        write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except BadInput:
        return False
    return True


def show_notice(message: str) -> None:
    """Tell on standard error what did not succeed beside the work itself."""
    _say(f"envdoctor: {spoken_text(' '.join(message.split()))}")


def wants_json(arguments: list[str]) -> bool:
    """Whether a command line asks for JSON, be it well-formed or not."""
    return "--format=json" in arguments or "--format json" in " ".join(arguments)


def append_text(text: str, path: str, option: str) -> None:
    """Add a text to the end of a file that others write to as well.

    Raises:
        BadInput: the file cannot be written.
    """
    _write_file(text, path, option, "a")


def _write_file(text: str, path: str, option: str, mode: str = "w") -> None:
    try:
        with open(path, mode, encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be written: {error.strerror}") from error


def _say(line: str) -> None:
    """One line on standard error, which may be closed, or unable to show every character."""
    stream = sys.stderr
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(line.encode(encoding, "replace").decode(encoding, "replace") + "\n")
        stream.flush()
    except OSError:
        _discard(stream.fileno())


def _discard(descriptor: int) -> None:
    """Lead a stream that nobody reads to nowhere, so that closing it at exit says nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
