"""The functions for programs and notebooks: `envdoctor.check()`, `envdoctor.probe()`, `envdoctor.will_run()`.

They ask and judge as the commands `check`, `probe` and `compat` do, in this process, and change nothing. Errors are
`envdoctor.errors.BadInput`, with the message that the command would print. What they return is plain data under the names
of docs/reference/command-line.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import CHECK, defaults

if TYPE_CHECKING:
    from envdoctor.model.findings import Report

_FRAME_HEIGHT = "40rem"


class CheckResult:
    """What `check` found. In a notebook it shows itself as the HTML report; as text, as the command prints it."""

    def __init__(self, report: Report) -> None:
        self._report = report

    @property
    def ok(self) -> bool:
        """Whether the exit status of the command would be 0."""
        return self._report.exit_code == 0

    @property
    def exit_status(self) -> int:
        """0 nothing failed, 1 a finding at or above `fail_on`, 3 undecided where that was demanded."""
        return self._report.exit_code

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings as in `check --format json`: root causes first."""
        findings: list[dict[str, Any]] = self.to_dict()["findings"]
        return findings

    def to_dict(self, *, facts: bool = False) -> dict[str, Any]:
        """The whole report as `check --format json` writes it; `facts` fills in every fact."""
        from envdoctor.render.json_report import report_document

        return report_document(self._report, facts=facts)

    def to_html(self) -> str:
        """The whole report as one HTML file."""
        from envdoctor.render.html.page import render_html

        return render_html(self._report)

    def to_markdown(self) -> str:
        """The report to be pasted into an issue."""
        from envdoctor.render.markdown import render_markdown

        return render_markdown(self._report)

    def __str__(self) -> str:
        from envdoctor.render.console import render_report

        return render_report(self._report, 100, color=False)

    def __repr__(self) -> str:
        from envdoctor.render.closing import verdict_line

        verdict = "".join(text for text, _style in verdict_line(self._report).pieces)
        return f"<envdoctor.CheckResult: {verdict}>"

    def _repr_html_(self) -> str:
        """What Jupyter shows: the report in a frame of its own, so that its style and scripts stay inside."""
        from envdoctor.render.html.elements import element

        style = f"width: 100%; height: {_FRAME_HEIGHT}; border: 0; resize: vertical"
        return element("iframe", srcdoc=self.to_html(), sandbox="allow-scripts", title="envdoctor report", style=style)

    def _repr_mimebundle_(self, **_options: object) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": str(self)}


def check(
    profile: str | None = None,
    *,
    python: str | None = None,
    rootfs: str | None = None,
    image: str | None = None,
    image_name: str | None = None,
    recording: str | None = None,
    report: str | None = None,
    target: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    fail_on: str = "error",
    strict: bool = False,
    deep: bool = False,
) -> CheckResult:
    """Find out what is wrong, as `envdoctor check` does.

    Without a subject, the environment is that of the running interpreter: in a notebook, the kernel's.

    Args:
        profile: name or path of a profile to judge against.
        python: another interpreter, or the folder of its environment.
        rootfs: the folder of a root file system.
        image: an OCI layout or a docker save archive.
        image_name: which image of several in it.
        recording: a file that `envdoctor record` wrote.
        report: a file with pasted text.
        target: the hardware that it is meant for: `gpu=NVIDIA H100,driver=550.54.15`.
        select: only these rules.
        ignore: all rules but these.
        fail_on: the mildest finding that makes `ok` False: `error`, `warning`, `info`, `never`.
        strict: whether a rule that could not be decided counts as failed.
        deep: look longer.

    Raises:
        envdoctor.errors.BadInput: something that was named cannot be found or read.
    """
    from envdoctor.cli.checking import make_report
    from envdoctor.errors import BadInput

    if fail_on not in {"error", "warning", "info", "never"}:
        raise BadInput(f"fail_on={fail_on!r} is none of error, warning, info, never")
    elsewhere = any(subject is not None for subject in (rootfs, image, recording, report))
    said = dict(defaults(CHECK)) | {
        "profile": profile, "python": python if python is not None or elsewhere else sys.prefix, "rootfs": rootfs,
        "image": image, "image_name": image_name, "recording": recording, "report": report, "target": target,
        "select": list(select), "ignore": list(ignore), "fail_on": fail_on, "strict": strict, "deep": deep,
    }  # fmt: skip
    return CheckResult(make_report(said))


def probe(*, python: str | None = None, deep: bool = False) -> dict[str, Any]:
    """Every fact about this machine, as `envdoctor probe --format json` writes them.

    Args:
        python: another interpreter, or the folder of its environment; else that of the running interpreter.
        deep: look longer.

    Raises:
        envdoctor.errors.BadInput: there is no such environment.
    """
    from envdoctor.cli.looking import look
    from envdoctor.render.facts_document import facts_document

    return facts_document(look({"python": python if python is not None else sys.prefix, "deep": deep}))


def will_run(*requirements: str, target: str | None = None, python: str | None = None, best: bool = False) -> dict[str, Any]:
    """Whether packages will run on a machine that you describe, as `envdoctor compat --format json` answers.

    Args:
        requirements: what would be installed: `torch==2.9.1+cu128`.
        target: the machine: `gpu=Tesla V100,driver=535.104.05`.
        python: its Python: `3.12`.
        best: also find the newest version and build that works.

    Raises:
        envdoctor.errors.BadInput: a requirement or the target cannot be read.
    """
    from envdoctor.cli.commands.compat import answer_document

    return answer_document(list(requirements), target, python, best=best)
