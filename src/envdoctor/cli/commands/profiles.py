"""`envdoctor profiles`: the profiles that there are, what one asks for, and whether a file is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, OUTPUT, PYTHON, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """List, show and check profiles: what an environment must be.

\b
Examples:
  envdoctor profiles list
  envdoctor profiles show pytorch-cuda12
  envdoctor profiles validate my-profile.yaml
  envdoctor profiles schema -o envdoctor-profile.schema.json
  envdoctor profiles test
  envdoctor profiles capture --python DIR -o our-environment.yaml
"""
LIST_HELP = """List every profile that can be named.

Those that come with envdoctor, those of the working directory (NAME.yaml, envdoctor-profiles/, .envdoctor/profiles/), and
those of your configuration folder.
"""
SHOW_HELP = "Show what a profile asks for."
SCHEMA_HELP = "Print the JSON Schema of profiles, for editors."
VALIDATE_HELP = """Check profile files.

Names every problem by file, line and key.

\b
Exit status:
  0  all of them can be used
  2  at least one cannot
"""
TEST_HELP = """Tell which profiles this machine can hold, by planning each.

What the hardware or the system rules out is said with the reason, and costs no network. The others are planned by what the
package indexes offer; with --resolve as far as every dependency.
"""
CAPTURE_HELP = """Write a profile from an environment that works.

Asks for what nothing else in it needs, in ranges from the versions seen up to the next that may break; these stand beside
as comments. The profile is tried on the environment before it is written.

\b
Exit status:
  0  written, and the environment passes
  1  written, but the environment itself does not pass; standard error says why
  2  there is nothing to capture
"""
TESTED = (
    Option("profiles", "arguments", "Only these: names or files.", metavar="PROFILE"),
    Option("target", "value", "The hardware they are for: gpu=NVIDIA H100,driver=550.54.15,...", ("--target",), "KEY=VALUE,..."),
    Option("resolve", "flag", "Work out every dependency of each; takes minutes.", ("--resolve",)),
    Option("offline", "flag", "Ask no network.", ("--offline",)),
    FORMAT,
    OUTPUT,
)
CAPTURED = (
    PYTHON,
    Option("name", "value", "What to call it; that of the file if not said.", ("--name",), "NAME"),
    OUTPUT,
)
NAME = Option("name", "argument", "A name (envdoctor profiles list) or a file.", metavar="PROFILE", required=True)
VALIDATED_SCHEMA = "envdoctor.profiles-validated/1"


def register(app: typer.Typer) -> None:
    """Add the command with its sub-commands."""
    import typer

    from envdoctor.cli.declaring import SpokenGroup, add_command

    group = typer.Typer(name="profiles", cls=SpokenGroup, help=HELP, no_args_is_help=True, rich_markup_mode=None)
    add_command(group, "list", (FORMAT, OUTPUT), run_list, LIST_HELP)
    add_command(group, "show", (NAME, FORMAT, OUTPUT), run_show, SHOW_HELP)
    _add_validate(group)
    add_command(group, "schema", (OUTPUT,), run_schema, SCHEMA_HELP)
    add_command(group, "test", TESTED, run_test, TEST_HELP)
    add_command(group, "capture", CAPTURED, run_capture, CAPTURE_HELP)
    app.add_typer(group)


def _add_validate(group: typer.Typer) -> None:
    """The one sub-command that takes several files, which the tables of options do not provide for."""
    import typer

    from envdoctor.cli.declaring import SpokenCommand, did_you_mean_choice

    def check_format(value: str) -> str:
        if value not in FORMAT.choices:
            raise typer.BadParameter(did_you_mean_choice(value, FORMAT.choices))
        return value

    those = typer.Argument(..., metavar="FILE", show_default=False, help="Names or files.")
    shape = typer.Option("text", "--format", metavar="text|json", callback=check_format, help=FORMAT.help)

    def validate(files: list[str] = those, format: str = shape) -> None:
        raise typer.Exit(run_validate(files, format == "json"))

    group.command("validate", cls=SpokenCommand, help=VALIDATE_HELP)(validate)


def run_list(values: Values) -> int:
    """Show the list."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.profiles.loading import list_profiles
    from envdoctor.render.profile_text import profiles_document, profiles_lines

    said: dict[str, Any] = dict(values)
    entries = list_profiles()
    if said["format"] == "json":
        show_document(profiles_document(entries), said["output"])
    else:
        show_lines(profiles_lines(entries), said["output"])
    return 0


def run_show(values: Values) -> int:
    """Show one profile.

    Raises:
        BadInput: there is no such profile, or its file is wrong.
    """
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.profiles.loading import load_profile
    from envdoctor.profiles.packing import pack_profile
    from envdoctor.render.profile_text import SCHEMA, profile_lines

    said: dict[str, Any] = dict(values)
    profile = load_profile(said["name"])
    if said["format"] == "json":
        show_document({"schema": SCHEMA, "path": profile.path, **pack_profile(profile)}, said["output"])
    else:
        show_lines(profile_lines(profile), said["output"])
    return 0


def run_schema(values: Values) -> int:
    """Print the JSON Schema."""
    from envdoctor.cli.showing import show_document
    from envdoctor.profiles.schema import json_schema

    said: dict[str, Any] = dict(values)
    show_document(json_schema(), said["output"])
    return 0


def run_validate(files: list[str], as_json: bool) -> int:
    """Name the problems of each file; 2 where there is any."""
    from envdoctor.cli.output import write_text
    from envdoctor.cli.showing import show_document
    from envdoctor.cli.speaking import spoken_text
    from envdoctor.errors import EXIT_BAD_INPUT, EXIT_OK
    from envdoctor.profiles.validating import find_problems

    found = {path: find_problems(path) for path in files}
    if as_json:
        entries = [{"path": path, "valid": not problems, "problems": list(problems)} for path, problems in found.items()]
        show_document({"schema": VALIDATED_SCHEMA, "files": entries})
    else:
        told = (line for path, problems in found.items() for line in problems or (f"{path}: OK",))
        write_text("".join(f"{spoken_text(line)}\n" for line in told))
    return EXIT_BAD_INPUT if any(found.values()) else EXIT_OK


def run_test(values: Values) -> int:
    """Plan each profile."""
    from envdoctor.cli.trying import test_profiles

    said: dict[str, Any] = dict(values)
    return test_profiles(said)


def run_capture(values: Values) -> int:
    """Write a profile."""
    from envdoctor.cli.capturing import capture

    said: dict[str, Any] = dict(values)
    return capture(said)
