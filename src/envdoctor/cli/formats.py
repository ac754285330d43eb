"""A report in the format that was asked for, wherever it goes: `--format` with `-o`, and every `--also`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import CHECK_FORMATS
from envdoctor.cli.output import STANDARD_OUTPUT, append_text, write_text
from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.model.findings import Report

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file whose Markdown GitHub Actions shows with the step."""


def read_also(said: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The formats and files of every `--also`.

    Raises:
        BadInput: one is not FORMAT=FILE, or a file is to be written twice.
    """
    asked = tuple(_format_and_file(text) for text in said["also"])
    taken = [said["output"] or STANDARD_OUTPUT]
    for _format, path in asked:
        if path in taken:
            where = "standard output" if path == STANDARD_OUTPUT else path
            raise BadInput(f"--also: {where} would be written twice; name another file")
        taken.append(path)
    return asked


def show_report(report: Report, said: dict[str, Any], also: tuple[tuple[str, str], ...]) -> None:
    """Write the report in every format that was asked for, the files before standard output.

    Raises:
        BadInput: a file cannot be written.
    """
    for shape, path in also:
        write_text(report_text(report, shape, path, said), path, "--also")
    if said["format"] == "github" and os.environ.get(SUMMARY_VARIABLE):
        append_text(report_text(report, "markdown", None, said), os.environ[SUMMARY_VARIABLE], SUMMARY_VARIABLE)
    write_text(report_text(report, said["format"], said["output"], said), said["output"])


def report_text(report: Report, shape: str, output: str | None, said: dict[str, Any]) -> str:
    """The report in one format."""
    if said["redact"] != "secrets":
        from envdoctor.cli.redacting import redacted_report

        report = redacted_report(report, said["redact"])
    return _RENDERERS[shape](report, output, said)


def _format_and_file(text: str) -> tuple[str, str]:
    shape, _equals, path = text.partition("=")
    if shape not in CHECK_FORMATS:
        from envdoctor.cli.nearest import did_you_mean

        listed = ", ".join(CHECK_FORMATS)
        raise BadInput(f"--also {text}: {shape!r} is none of {listed}; {did_you_mean(shape, CHECK_FORMATS, 'say FORMAT=FILE')}")
    if not path:
        raise BadInput(f"--also {text}: no file; say FORMAT=FILE, such as {shape}=report.{shape}")
    return shape, path


def _text(report: Report, output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.cli.speaking import spoken
    from envdoctor.cli.terminal import terminal_for
    from envdoctor.render.console import render_report

    screen = terminal_for(output)
    return render_report(
        report,
        screen.width,
        screen.color,
        verbose=said["verbose"],
        facts=said["facts"],
        chosen=_is_chosen(said),
        ascii_only=screen.ascii_only,
        spoken=lambda lines: spoken(lines, output),
    )


def _json(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.render.json_report import report_document

    return _as_json(report_document(report, facts=said["facts"]))


def _junit(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.model.findings import Severity
    from envdoctor.render.junit import render_junit

    fail_on = None if said["fail_on"] == "never" else Severity(said["fail_on"])
    return render_junit(report, fail_on, strict=said["strict"])


def _sarif(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.render.sarif import sarif_document
    from envdoctor.rules import load_rule_named
    from envdoctor.rules.pages import load_page

    read = {outcome.rule.name: load_page(load_rule_named(outcome.rule.name)) for outcome in report.outcomes}
    pages = {name: (page.title, page.sections) for name, page in read.items()}
    return _as_json(sarif_document(report, pages, facts=said["facts"]))


def _github(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.render.github import render_github

    return render_github(report, chosen=_is_chosen(said))


def _markdown(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.cli.speaking import spoken_document
    from envdoctor.render.markdown import render_markdown

    return spoken_document(render_markdown(report, facts=said["facts"], chosen=_is_chosen(said)), "markdown")


def _html(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from datetime import datetime

    from envdoctor.cli.speaking import spoken_document
    from envdoctor.render.html.page import render_html

    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return spoken_document(render_html(report, made=made, chosen=_is_chosen(said)), "html")


def _json_lines(report: Report, _output: str | None, said: dict[str, Any]) -> str:
    from envdoctor.render.json_lines import render_json_lines

    return render_json_lines(report, facts=said["facts"])


def _as_json(document: dict[str, Any]) -> str:
    import json

    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _is_chosen(said: dict[str, Any]) -> bool:
    """Whether only some rules were wanted."""
    return bool(said["select"] or said["ignore"])


_RENDERERS: dict[str, Callable[[Report, str | None, dict[str, Any]], str]] = {
    "text": _text,
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
    "github": _github,
    "markdown": _markdown,
    "html": _html,
    "jsonl": _json_lines,
}
