"""Which interpreters an environment may be made with, the preferred one first."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from envdoctor.install.planner.options import Options
from envdoctor.model.facts import Facts, Interpreter, PythonEnvironment, Unknown
from envdoctor.model.offers import OfferedPython
from envdoctor.model.plan import Refusal
from envdoctor.model.profile import Profile

FETCHED_BY_UV = tuple(Version(f"3.{minor}") for minor in range(14, 8, -1))
"""Release lines that uv can fetch, newest first."""


def candidate_pythons(
    environment: PythonEnvironment | None, profile: Profile, found: tuple[OfferedPython, ...], options: Options, uv: bool
) -> tuple[OfferedPython, ...] | Refusal:
    """The interpreters to plan for: an existing environment's own, or those found that the profile and `--python` accept.

    The one that runs envdoctor comes first: it is the one that the person knows. Free-threaded builds are taken only
    when named.
    """
    if environment is not None:
        return _of_environment(environment, profile, options)
    machine = found[0].machine if found else ""
    named = options.python is not None and not options.python.replace(".", "").isdigit()
    wanted = SpecifierSet() if named or options.python is None else SpecifierSet(f"=={options.python}.*")
    fitting = tuple(
        python
        for python in found
        if (named or not python.abi.endswith("t")) and _accepts(python.version, profile.python, wanted)
    )  # fmt: skip
    usable = tuple(python for python in fitting if python.makes_environments or uv)
    if uv and not options.offline:
        fetched = (version for version in FETCHED_BY_UV if _accepts(version, profile.python, wanted))
        usable += tuple(_fetched(version, machine) for version in fetched if not _has_line(usable, version)) if not named else ()
    return usable or _refusal(profile, found, fitting, options)


def has_no_pip(facts: Facts) -> bool:
    """Whether there is an environment, and no pip in it: uv makes them so."""
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.packages, Unknown):
        return False
    return environment.package("pip") is None


def describe(python: OfferedPython, first: OfferedPython | None) -> str:
    """Why this interpreter."""
    if not python.path:
        return "no interpreter found here fits; uv fetches this one"
    if first is not None and python.path == first.path:
        return "the interpreter that runs envdoctor"
    return f"the best fit of those found here ({python.path})"


def _of_environment(environment: PythonEnvironment, profile: Profile, options: Options) -> tuple[OfferedPython, ...] | Refusal:
    interpreter = environment.interpreter
    if isinstance(interpreter, Unknown) or isinstance(interpreter.version, Unknown):
        reason = interpreter if isinstance(interpreter, Unknown) else interpreter.version
        assert isinstance(reason, Unknown)  # noqa: S101 - narrows for the type checker
        return Refusal(profile.name, (f"the Python of {environment.prefix} could not be told: {reason.reason}",))
    if options.python is not None and not str(interpreter.version).startswith(options.python):
        reason_text = (
            f"{environment.prefix} is there already, with Python {interpreter.version}; --python is for new environments"
        )
        return Refusal(profile.name, (reason_text,), ("name another folder: --env DIR",))
    if not _accepts(interpreter.version, profile.python):
        reason_text = f"{environment.prefix} has Python {interpreter.version}, and the profile needs {profile.python}"
        return Refusal(profile.name, (reason_text,), ("make a new environment: --env DIR",))
    return (_offered(interpreter, interpreter.version),)


def _offered(interpreter: Interpreter, version: Version) -> OfferedPython:
    abi = interpreter.abi if isinstance(interpreter.abi, str) else f"cp{version.major}{version.minor}"
    machine = interpreter.machine if isinstance(interpreter.machine, str) else ""
    path = interpreter.path if isinstance(interpreter.path, str) else ""
    return OfferedPython(path, version, abi, machine, source="the environment's own")


def _fetched(version: Version, machine: str) -> OfferedPython:
    return OfferedPython("", version, f"cp{version.major}{version.minor}", machine, source="uv")


def _has_line(pythons: tuple[OfferedPython, ...], version: Version) -> bool:
    return any(python.version.release[:2] == version.release[:2] for python in pythons)


def _accepts(version: Version, *ranges: SpecifierSet) -> bool:
    """A release line such as 3.12 stands for its releases, of which uv fetches the newest."""
    return all(wanted.contains(version, prereleases=True) for wanted in ranges)


def _refusal(profile: Profile, found: tuple[OfferedPython, ...], fitting: tuple[OfferedPython, ...], options: Options) -> Refusal:
    wanted = " and ".join(
        [*([f"Python {profile.python}"] if profile.python else []), *([f"--python {options.python}"] if options.python else [])]
    )
    if fitting:
        reason = f"Python {fitting[0].version} is here, but its venv module is not complete (Debian: python3-venv)"
        venv = (f"apt-get install python{fitting[0].version.major}.{fitting[0].version.minor}-venv", "or use uv: --backend uv")
        return Refusal(profile.name, (reason,), venv)
    here = ", ".join(str(python.version) for python in found) or "none"
    advice = ("name an interpreter: --python PATH", "or let uv fetch one: --backend uv", "or take conda's: --backend conda")
    return Refusal(profile.name, (f"no Python found here fits {wanted}; found: {here}",), advice)
