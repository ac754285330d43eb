"""`envdoctor knowledge`: what the knowledge base holds, what it says of a release, and how it is kept up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Show what the knowledge base holds, how old it is, and what a release or a GPU is known to need.

`update` asks the configured package index which releases are newer, one request for each package of the table, and notes
them in your cache folder. They add to what ships with envdoctor and never change it.

\b
Examples:
  envdoctor knowledge
  envdoctor knowledge torch==2.9.1
  envdoctor knowledge "RTX 4090"
  envdoctor knowledge update
  envdoctor knowledge update --packages torch,vllm --format json

\b
Exit status:
  0  done
  1  none of the packages could be asked about
  2  bad input
  3  the knowledge base does not know the release
"""
OPTIONS = (
    Option("subject", "argument", "A release (torch==2.9.1), a GPU by its name, or `update`.", metavar="RELEASE|GPU|update"),
    Option("packages", "list", "With update: ask about these only.", ("--packages",), "NAME,..."),
    Option("write", "flag", "With update: write the tables of envdoctor's own source tree instead of the cache.", ("--write",)),
    FORMAT,
    OUTPUT,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "knowledge", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Show the tables or a release, or update.

    Raises:
        BadInput: what was said cannot be understood.
    """
    from envdoctor.errors import BadInput

    said: dict[str, Any] = dict(values)
    if said["subject"] == "update":
        return run_update(said)
    if said["write"] or said["packages"]:
        raise BadInput("--write and --packages belong to: envdoctor knowledge update")
    return run_tables(said) if said["subject"] is None else run_release(said)


def run_tables(said: dict[str, Any]) -> int:
    """Show the tables."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.render.knowledge_text import added_document, added_lines, knowledge_document, knowledge_lines

    knowledge = load_knowledge()
    if said["format"] == "json":
        document = knowledge_document(knowledge.date, knowledge.tables)
        show_document({**document, "added": added_document(knowledge.added)}, said["output"])
    else:
        lines = [*knowledge_lines(knowledge.date, knowledge.tables), *added_lines(knowledge.added)]
        show_lines(lines, said["output"])
    return 0


def run_release(said: dict[str, Any]) -> int:
    """Show what a release, or a GPU, needs; 3 where the tables do not know the release."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.errors import EXIT_OK, EXIT_UNDECIDED
    from envdoctor.knowledge.describing import describe_release
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.render.release_text import release_document, release_lines

    knowledge = load_knowledge()
    if _is_gpu(said["subject"], knowledge):
        return run_gpu(said, knowledge)
    described = describe_release(knowledge, *_named_release(said["subject"], knowledge))
    if said["format"] == "json":
        show_document(release_document(described, knowledge.date), said["output"])
    else:
        show_lines(release_lines(described), said["output"])
    return EXIT_OK if described.problem is None else EXIT_UNDECIDED


def _is_gpu(text: str, knowledge: Any) -> bool:
    """Whether a GPU was named, and no package that is in a table."""
    from packaging.utils import canonicalize_name

    from envdoctor.knowledge.gpus import find_gpus
    from envdoctor.knowledge.wheels import knows_package

    return "==" not in text and not knows_package(knowledge, canonicalize_name(text)) and bool(find_gpus(knowledge, text))


def run_gpu(said: dict[str, Any], knowledge: Any) -> int:
    """Show what serves a GPU."""
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.knowledge.describing_gpus import describe_gpus
    from envdoctor.render.gpu_text import gpu_document, gpu_lines

    described = describe_gpus(knowledge, said["subject"])
    if said["format"] == "json":
        show_document(gpu_document(described, knowledge.date), said["output"])
    else:
        show_lines(gpu_lines(described), said["output"])
    return 0


def _named_release(text: str, knowledge: Any) -> tuple[str, Any]:
    """The package and the version of `torch==2.9.1`; of `torch` alone, the newest final release.

    Raises:
        BadInput: it names no one release, or a package that is in no table.
    """
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version

    from envdoctor.cli.nearest import did_you_mean
    from envdoctor.errors import BadInput
    from envdoctor.knowledge.notes import other_packages
    from envdoctor.knowledge.wheels import knows_package, package_versions

    name, equals, number = (part.strip() for part in text.partition("=="))
    package = canonicalize_name(name)
    if not knows_package(knowledge, package) and not (equals and package in other_packages(knowledge)):
        known = (*knowledge.tables["wheels"]["packages"], *other_packages(knowledge), "update")
        raise BadInput(f"{name}: no such package in the knowledge base; {did_you_mean(name, known, 'try torch==2.9.1')}")
    if not equals:
        return package, [version for version in package_versions(knowledge, package) if not version.is_prerelease][-1]
    try:
        return package, Version(number)
    except InvalidVersion as error:
        raise BadInput(f"{text}: {number!r} is no version; write it like torch==2.9.1") from error


def run_update(said: dict[str, Any]) -> int:
    """Ask the index, write, and show what is newer."""
    import os
    import time

    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.cli.updating import update_knowledge
    from envdoctor.errors import EXIT_FINDING, EXIT_OK, BadInput
    from envdoctor.install.configuration import read_settings
    from envdoctor.knowledge import loading
    from envdoctor.knowledge.added import added_path
    from envdoctor.render.update_text import update_document, update_lines
    from envdoctor.system.live import Live

    data = os.path.join(os.path.dirname(loading.__file__), "data") if said["write"] else None
    if data is not None and not os.path.isdir(data):
        raise BadInput("--write: this envdoctor is installed without its tables' sources; leave --write out")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    updated = update_knowledge(read_settings(Live()), said["packages"], now, data=data, cache=added_path(os.environ))
    if said["format"] == "json":
        show_document(update_document(updated), said["output"])
    else:
        show_lines(update_lines(updated), said["output"])
    return EXIT_OK if updated.written is not None else EXIT_FINDING
