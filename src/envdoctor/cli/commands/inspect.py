"""`envdoctor inspect FILE...`: what a library, a wheel or an environment says of itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envdoctor.cli.options import DEEP, FORMAT, OUTPUT
from envdoctor.errors import EXIT_BAD_INPUT, EXIT_OK, BadInput

if TYPE_CHECKING:
    import typer

    from envdoctor.model.binaries import Inspection

HELP = """Show what a library, a wheel or an environment says of itself.

Of a library: what it needs, the glibc and libstdc++ it asks for, and the GPU code inside (sm_80 is machine code,
compute_90 is PTX, gfx942 is for AMD). Of a wheel: the same of every library in it, its tags, and the CUDA it was built
with; it is read inside the archive. Of an environment: its frameworks, the GPU code of their libraries, what these ask of
glibc and libstdc++, and symbols that extensions of torch do not find (with --deep: of every library). Nothing is loaded or
run.

\b
Examples:
  envdoctor inspect libtorch_cuda.so
  envdoctor inspect torch-2.9.1-cp312-cp312-manylinux_2_28_x86_64.whl
  envdoctor inspect .venv --format json

\b
Exit status:
  0  all of them were read
  2  at least one is no library, wheel or environment, or cannot be read
"""
WHEEL_LIMIT_S = 2.2
"""How long after opening a wheel its large libraries may still be unpacked, without --deep; starting takes 0.2 s more."""


def register(app: typer.Typer) -> None:
    """Add the command; it takes several files, which the tables of options do not provide for."""
    import typer

    from envdoctor.cli.declaring import SpokenCommand, did_you_mean_choice

    def check_format(value: str) -> str:
        if value not in FORMAT.choices:
            raise typer.BadParameter(did_you_mean_choice(value, FORMAT.choices))
        return value

    those = typer.Argument(..., metavar="FILE", show_default=False, help="Libraries, wheels, or folders of environments.")
    shape = typer.Option("text", "--format", metavar="text|json", callback=check_format, help=FORMAT.help)
    where = typer.Option(None, *OUTPUT.flags, metavar="FILE", show_default=False, help=OUTPUT.help)
    whole = typer.Option(False, *DEEP.flags, help="Take as long as it takes to look at all of a wheel or environment.")

    def inspect(files: list[str] = those, format: str = shape, output: str | None = where, deep: bool = whole) -> None:
        raise typer.Exit(run_inspect(files, format == "json", output, deep))

    app.command("inspect", cls=SpokenCommand, help=HELP)(inspect)


def run_inspect(files: list[str], as_json: bool = False, output: str | None = None, deep: bool = False) -> int:
    """Show what each says.

    Raises:
        BadInput: one of them cannot be read; what the others say was shown.
    """
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.render.inspect_json import inspection_document
    from envdoctor.render.inspect_text import inspection_lines

    found: list[Inspection] = []
    problems: dict[str, str] = {}
    for path in files:
        try:
            found.append(inspect_path(path, deep))
        except BadInput as error:
            problems[path] = str(error)
    if as_json:
        show_document(inspection_document(found, problems), output)
        return EXIT_BAD_INPUT if problems else EXIT_OK
    if found:
        show_lines(inspection_lines(found), output)
    if problems:
        raise BadInput("; ".join(f"{path}: {reason}" for path, reason in problems.items()))
    return EXIT_OK


def inspect_path(path: str, deep: bool = False) -> Inspection:
    """What one file or folder says.

    Raises:
        BadInput: it cannot be read, or is none of the three; the message leaves out the path.
    """
    from envdoctor.model.record import replace
    from envdoctor.probes.inspecting import inspect_library
    from envdoctor.system.live import Live
    from envdoctor.system.port import SourceError

    whole = os.path.abspath(path)
    try:
        if os.path.isdir(whole):
            return replace(_inspect_environment(whole, deep), path=path)
        if path.lower().endswith((".whl", ".zip")):
            return replace(_inspect_wheel(whole, deep), path=path)
        return replace(inspect_library(Live(), whole), path=path)
    except SourceError as error:
        raise BadInput(error.reason) from error


def _inspect_wheel(path: str, deep: bool) -> Inspection:
    from envdoctor.probes.inspecting import inspect_wheel
    from envdoctor.system.zipped import Zipped

    archive = Zipped(path, None if deep else WHEEL_LIMIT_S)
    try:
        return inspect_wheel(archive, path)
    finally:
        archive.close()


def _inspect_environment(path: str, deep: bool) -> Inspection:
    from envdoctor.model.software import PythonEnvironment
    from envdoctor.probes.inspecting import inspect_environment
    from envdoctor.probes.python_environment import probe_environment
    from envdoctor.system.live import Live

    environment = probe_environment(Live(), path, deep=deep)
    if not isinstance(environment, PythonEnvironment):
        raise BadInput(environment.reason if environment is not None else "holds no Python")
    return inspect_environment(Live(), environment)
