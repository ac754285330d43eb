"""Options as data, which serve twice: typer commands and the quick parser are both made from a table of them.

A test compares the two over many command lines; see docs/decisions/0004-quick-path.md.
"""

from __future__ import annotations

from envdoctor.model.record import record

Values = dict[str, "str | bool | list[str] | None"]
"""What a command line said: the option's name to its value, the default where it said nothing."""


@record
class Option:
    """One option, or the argument."""

    name: str
    """The key in Values."""
    kind: str
    """`argument`, `arguments` (as many as there are), `flag`, `value`, `list` (may be repeated)."""
    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False


PYTHON = Option(
    "python", "value", "Another interpreter, or the folder of its environment.", ("--python", "--env"), "EXE_OR_PREFIX"
)
ROOTFS = Option("rootfs", "value", "A root file system, read without running anything in it.", ("--rootfs",), "DIR")
IMAGE = Option(
    "image", "value", "An OCI layout or a docker save archive, read without running anything in it; - reads standard input.",
    ("--image",), "FILE",
)  # fmt: skip
IMAGE_NAME = Option(
    "image_name",
    "value",
    "Which image of several in that file: its name, as docker calls it, or its ID.",
    ("--image-name",),
    "NAME",
)
RECORDING = Option("recording", "value", "A machine that `envdoctor record` wrote down.", ("--recording",), "FILE")
REPORT = Option(
    "report", "value", "What somebody pasted: collect_env, nvidia-smi, pip list, error messages (- for standard input).",
    ("--report",), "FILE",
)  # fmt: skip
FORMAT = Option("format", "value", "How to print it.", ("--format",), choices=("text", "json"), default="text")
CHECK_FORMATS = ("text", "json", "jsonl", "junit", "sarif", "github", "markdown", "html")
"""What a report can be written as."""
OUTPUT = Option("output", "value", "Write to this file instead of standard output.", ("-o", "--output"), "FILE")
LANG = Option(
    "lang", "value", "The language of text: English or Simplified Chinese; else ENVDOCTOR_LANG or the locale says.", ("--lang",),
    choices=("en", "zh"),
)  # fmt: skip
"""An option of every command; `cli.speaking` reads it."""
DEEP = Option("deep", "flag", "Look longer: commands of the environment, whole libraries.", ("--deep",))

CHECK = (
    Option("profile", "argument", "Judge against this profile: a name (envdoctor profiles list) or a file.", metavar="PROFILE"),
    PYTHON,
    ROOTFS,
    IMAGE,
    IMAGE_NAME,
    RECORDING,
    REPORT,
    Option(
        "target", "value", "The hardware it is meant for: gpu=NVIDIA H100,driver=550.54.15,...", ("--target",), "KEY=VALUE,..."
    ),
    Option("format", "value", "How to print it.", ("--format",), choices=CHECK_FORMATS, default="text"),
    OUTPUT,
    Option("also", "list", "Write it to a file in another format as well: sarif=report.sarif.", ("--also",), "FORMAT=FILE"),
    Option(
        "fail_on", "value", "The mildest finding that makes the exit status 1.", ("--fail-on",),
        choices=("error", "warning", "info", "never"), default="error",
    ),
    Option("select", "list", "Only these rules.", ("--select",), "RULE,..."),
    Option("ignore", "list", "All rules but these.", ("--ignore",), "RULE,..."),
    DEEP,
    Option(
        "redact", "value", "What stays out of the report: secrets; people and machines too; folders too.", ("--redact",),
        choices=("secrets", "people", "paths"), default="secrets",
    ),
    Option("strict", "flag", "A rule that could not be decided counts as failed.", ("--strict",)),
    Option("facts", "flag", "Add every fact to the report.", ("--facts",)),
    Option("verbose", "flag", "Every finding in full, and the rules that passed or did not apply.", ("-v", "--verbose")),
)  # fmt: skip
"""The options of `check`."""


def defaults(options: tuple[Option, ...]) -> Values:
    """What an empty command line says."""
    empty: Values = {}
    for option in options:
        empty[option.name] = False if option.kind == "flag" else [] if option.kind in {"list", "arguments"} else option.default
    return empty
