"""Fixes that name packages, as commands for the environment under examination.

Rules name packages; the install backends know how a package manager is told; this brings the two together for what a
person may copy. Options that matter only to a program are left out.
"""

from __future__ import annotations

from envdoctor.model.facts import Facts, PythonEnvironment, Unknown, known
from envdoctor.model.findings import Fix, Report
from envdoctor.model.record import replace

_FOR_PROGRAMS = {"-I": 0, "--progress-bar": 1, "--no-warn-script-location": 0, "--no-progress": 0, "--color": 1}
"""Options that are dropped, with the number of values each takes."""


_PIP = ("python", "-m", "pip")
VENV = ".venv"
"""Where a person is told to make an environment, where there is none that may be changed."""
_MANAGED = (
    "This Python belongs to the distribution, which lets its package manager alone change it (PEP 668): the commands make a "
    "virtual environment first (Debian and Ubuntu have venv in the package python3-venv)."
)


def fill_commands(report: Report) -> Report:
    """The report with a command for every fix that names packages, and the right interpreter in those that name pip."""
    if not any(fix.packages or fix.remove or fix.commands for finding in report.findings for fix in finding.fixes):
        return report
    findings = tuple(
        replace(finding, fixes=tuple(filled_fix(fix, report.facts) for fix in finding.fixes)) for finding in report.findings
    )
    return replace(report, findings=findings)


def package_commands(fix: Fix, facts: Facts) -> tuple[tuple[str, ...], ...]:
    """What to run to remove and install the fix's packages."""
    from envdoctor.install.backends import environment_python, open_backend
    from envdoctor.model.offers import IndexSettings
    from envdoctor.model.plan import Step

    environment = None if isinstance(facts.environment, Unknown) else facts.environment
    windows = not isinstance(facts.os, Unknown) and facts.os.system == "windows"
    prefix = environment.prefix if environment else ""
    has_pip = _has_pip(facts)
    if fix.packages and environment is not None and is_distributions(environment, facts):
        made = replace(environment, prefix=VENV, interpreter=Unknown("not made yet"), packages=Unknown("not made yet"))
        inside = package_commands(replace(fix, remove=()), replace(facts, environment=made))
        return ((_python(environment), "-m", "venv", VENV), *inside)
    backend = open_backend("pip" if has_pip or not _has_tool(facts, "uv") else "uv", windows, IndexSettings())
    steps = [
        Step(action, fix.title, "", requirements=names, index=index, environment=prefix)
        for action, names, index in (("remove-packages", fix.remove, None), ("install-packages", fix.packages, fix.index))
        if names
    ]
    stand_in, python = environment_python(prefix, windows), _python(environment)
    python = stand_in if prefix == VENV else python
    bring_pip = () if has_pip or backend.name == "uv" else ((python, "-m", "ensurepip"),)
    worded = [_for_people(command.argv) for step in steps for command in backend.commands(step)]
    return (*bring_pip, *(tuple(python if word == stand_in else word for word in argv) for argv in worded))


def filled_fix(fix: Fix, facts: Facts) -> Fix:
    """The fix with the commands that install and remove its packages, if it names any, after what must be done before."""
    stated = _with_interpreter(fix.commands, facts) if any(argv[:3] == _PIP for argv in fix.commands) else fix.commands
    made = package_commands(fix, facts) if fix.packages or fix.remove else ()
    found = facts.environment
    stated = (*_made_room(fix, facts), *stated)
    if fix.packages and isinstance(found, PythonEnvironment) and is_distributions(found, facts):
        return replace(fix, commands=(*stated, *made), text=f"{fix.text} {_MANAGED}".strip())
    return replace(fix, commands=(*stated, *made))


def _made_room(fix: Fix, facts: Facts) -> tuple[tuple[str, ...], ...]:
    """Takes metadata out of the way whose list of files is gone: pip refuses to remove such a package, and so to replace it."""
    found = facts.environment
    faults = () if not isinstance(found, PythonEnvironment) or isinstance(found.faults, Unknown) else found.faults
    folders = {fault.packages[0]: fault.source for fault in faults if fault.kind == "missing-record"}
    if not folders:
        return ()
    from envdoctor.rules.curing import deletion
    from envdoctor.rules.requirements import parse_line

    replaced = [argv[4:] for argv in fix.commands if argv[:3] == _PIP and "--ignore-installed" not in argv]
    words = (*fix.remove, *fix.packages, *(word for words in replaced for word in words))
    names = {line[0] for word in words if (line := parse_line(word)) is not None}
    windows = not isinstance(facts.os, Unknown) and facts.os.system == "windows"
    return tuple(deletion(folders[name], windows) for name in sorted(names & set(folders)))


def is_distributions(environment: PythonEnvironment, facts: Facts) -> bool:
    """Whether a Python is that of a Linux distribution, whose pip refuses to install (PEP 668) or had better do."""
    on_linux = not isinstance(facts.os, Unknown) and facts.os.system == "linux"
    return on_linux and environment.prefix == "/usr"


def _with_interpreter(commands: tuple[tuple[str, ...], ...], facts: Facts) -> tuple[tuple[str, ...], ...]:
    """`python -m pip` of the environment under examination, which need not be the first on PATH; pip first where it has none."""
    environment = None if isinstance(facts.environment, Unknown) else facts.environment
    python = _python(environment)
    bring_pip = () if _has_pip(facts) else ((python, "-m", "ensurepip"),)
    return (*bring_pip, *((python, *argv[1:]) if argv[:3] == _PIP else argv for argv in commands))


def _has_pip(facts: Facts) -> bool:
    """Whether pip is there, as far as is known: what people paste leaves pip itself out (`pip freeze` does)."""
    environment = facts.environment
    if facts.subject.kind == "report" or not isinstance(environment, PythonEnvironment):
        return True
    return environment.package("pip") is not None


def _python(environment: PythonEnvironment | None) -> str:
    """The interpreter to run; `python` where none is known."""
    if environment is None or isinstance(environment.interpreter, Unknown):
        return "python"
    return known(environment.interpreter.path, "python")


def _has_tool(facts: Facts, name: str) -> bool:
    tool = facts.tool(name)
    return tool is not None and not isinstance(tool, Unknown)


def _for_people(argv: tuple[str, ...]) -> tuple[str, ...]:
    kept: list[str] = []
    words = iter(argv)
    for word in words:
        if word in _FOR_PROGRAMS:
            for _value in range(_FOR_PROGRAMS[word]):
                next(words, None)
        else:
            kept.append(word)
    return tuple(kept)
