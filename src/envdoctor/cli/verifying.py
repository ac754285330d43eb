"""The work of `verify`: look at the environment, choose, run each child, explain what failed, show."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from envdoctor.cli.nearest import did_you_mean
from envdoctor.errors import BadInput
from envdoctor.model.record import record

if TYPE_CHECKING:
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import Facts
    from envdoctor.model.findings import Report
    from envdoctor.model.profile import Profile
    from envdoctor.verify.results import Identity, Result, Verification
    from envdoctor.verify.selecting import Subject
    from envdoctor.verify.trying import Child

_VENDORS = ("nvidia", "amd")
"""Makers of GPUs that frameworks call cuda:N."""


@record
class Wish:
    """What is verified, and how."""

    facts: Facts
    knowledge: Knowledge
    profile: Profile | None
    device: str
    level: str
    only: tuple[str, ...]
    limit_s: float


def run_verify(said: dict[str, Any]) -> int:
    """Verify what the command line names, print it, and return the exit status.

    Raises:
        BadInput: a profile, interpreter, device or framework that is not as it should be.
    """
    from envdoctor.cli.verify_shown import show_verification

    wish = _wish(said)
    verification = verify(wish, verbose=said["verbose"], quiet=said["format"] != "text")
    show_verification(verification, wish, said)
    return verification.exit_code


def _wish(said: dict[str, Any]) -> Wish:
    from envdoctor.cli.looking import look
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.profiles.loading import load_profile
    from envdoctor.verify.selecting import DEFAULT, FULL, QUICK

    if said["quick"] and said["full"]:
        raise BadInput("--quick and --full: choose one of them")
    level = QUICK if said["quick"] else FULL if said["full"] else DEFAULT
    device, only, limit_s = _device(said["device"]), _only(said["only"]), _limit(said["time_limit"])
    knowledge = load_knowledge()
    profile = load_profile(said["profile"]) if said["profile"] is not None else None
    return Wish(look({"python": said["python"]}, knowledge), knowledge, profile, device, level, only, limit_s)


def verify(wish: Wish, *, verbose: bool = False, quiet: bool = False) -> Verification:
    """Run everything, one child after the other, and explain what failed.

    Raises:
        BadInput: there is no Python to run.
    """
    import tempfile

    from envdoctor.cli.progress import open_progress
    from envdoctor.model.plan import Step
    from envdoctor.system.runner import run_command
    from envdoctor.verify.results import Verification
    from envdoctor.verify.trying import Place, run_child, skipped_workloads

    results: list[Result] = []
    identities: list[Identity] = []
    with tempfile.TemporaryDirectory(prefix="envdoctor-", ignore_cleanup_errors=True) as folder:
        place = Place(_python(wish.facts), folder, wish.limit_s)
        with open_progress(verbose, quiet) as progress:
            for subject, device in _runs(wish):
                child, left = plan_child(wish, subject, device)

                def tell(workload: str, line: str, name: str = f"{subject.name} on {device}") -> None:
                    if line:
                        progress.line(line)
                    else:
                        progress.step(Step("verify", f"{name}: {workload}", ""))

                found, identity = run_child(child, place, run_command, tell)
                shown = found[-1].device if found else child.device
                results += [*found, *skipped_workloads(subject, shown, left)]
                identities += [identity] if identity is not None and identity not in identities else []
            explained = tuple(_explained(wish, results))
    return Verification(explained, tuple(identities))


def _runs(wish: Wish) -> Iterator[tuple[Subject, str]]:
    """What is run on which device."""
    from envdoctor.install.changes import packages_in
    from envdoctor.verify.selecting import Subject, other_imports, select_devices, select_subjects

    subjects = select_subjects(frozenset(packages_in(wish.facts)), wish.profile, wish.only)
    for subject in subjects:
        for device in select_devices(wish.device, _gpu_count(wish.facts)):
            yield subject, device if subject.on_gpu or device != "auto" else "cpu"
    for module in () if wish.only else other_imports(wish.profile, subjects):
        yield Subject(module, "smoke_run.py", (), (("import", "quick"),), module, on_gpu=False), "cpu"


def plan_child(wish: Wish, subject: Subject, device: str) -> tuple[Child, tuple[tuple[str, str], ...]]:
    """The child for a subject on a device; the workloads that it leaves out, each with the reason."""
    from envdoctor.verify.selecting import select_workloads
    from envdoctor.verify.trying import Child, why_not_on

    run, left = select_workloads(subject, wish.level)
    word = "gpu" if device == "auto" and _expects_gpu(wish.facts, subject) else ""
    if why := why_not_on(subject, device):
        return Child(subject, device, ()), tuple((name, why) for name in run)
    return Child(subject, device, run, word), left


def _expects_gpu(facts: Facts, subject: Subject) -> bool:
    """Whether under `auto` a GPU must be usable: the framework was built for one, and not only able to load its libraries."""
    from envdoctor.install.changes import packages_in

    flavours = _flavours(facts)
    if subject.name == "tensorflow":  # its one Linux wheel serves machines without a GPU as well
        has_libraries = any(name.startswith("nvidia-cudnn") for name in packages_in(facts)) and "torch" not in flavours
        return flavours.get("tensorflow") in {"cuda", "rocm"} and (bool(_gpu_count(facts)) or has_libraries)
    return flavours.get(subject.name) in {"cuda", "rocm"}


def _flavours(facts: Facts) -> dict[str, str]:
    """What each framework was built for, as far as that is known."""
    from envdoctor.model.facts import PythonEnvironment, Unknown

    environment = facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.frameworks, Unknown):
        return {}
    return {one.name: one.flavour for one in environment.frameworks if isinstance(one.flavour, str)}


def _explained(wish: Wish, results: list[Result]) -> Iterator[Result]:
    """The results, failed ones with their causes. The longer look is taken once, and only where it is needed."""
    from envdoctor.verify.mapping import explain_result

    deep: list[Callable[[str], Report]] = []

    def ask_deeply(text: str) -> Report:
        if not deep:
            from envdoctor.cli.looking import look

            prefix = getattr(wish.facts.environment, "prefix", None)
            deep.append(_judge(look({"python": prefix, "deep": True}, wish.knowledge), wish))
        return deep[0](text)

    ask, flavours = _judge(wish.facts, wish), _flavours(wish.facts)
    for result in results:
        yield explain_result(result, ask, ask_deeply, flavours.get(result.subject.rsplit(" ", 1)[-1], ""))


def _judge(facts: Facts, wish: Wish) -> Callable[[str], Report]:
    """What judges a text together with facts."""
    from envdoctor.engine import diagnose
    from envdoctor.knowledge.messages import with_messages
    from envdoctor.reports.cleaning import clean_lines
    from envdoctor.rules import load_rules
    from envdoctor.system.redact import redact_text

    rules = load_rules(for_profile=wish.profile is not None)
    seen: dict[str, Report] = {}

    def judge(text: str) -> Report:
        if text not in seen:
            lines = clean_lines(redact_text(text))
            seen[text] = diagnose(with_messages(facts, wish.knowledge, lines), wish.profile, wish.knowledge, rules)
        return seen[text]

    return judge


def _python(facts: Facts) -> str:
    from envdoctor.install.backends import environment_python
    from envdoctor.model.facts import Interpreter, PythonEnvironment

    environment = facts.environment
    if not isinstance(environment, PythonEnvironment):
        raise BadInput("verify: no Python environment is found; name one with --python")
    found = environment_python(environment.prefix, os.name == "nt")
    if os.path.isfile(found):
        return found
    path = environment.interpreter.path if isinstance(environment.interpreter, Interpreter) else None
    if isinstance(path, str) and os.path.isfile(path):
        return path
    raise BadInput(f"verify: {environment.prefix} has no Python that can be run")


def _gpu_count(facts: Facts) -> int | None:
    """How many GPUs frameworks may use; None where that is not known."""
    return len([gpu for gpu in facts.gpus if gpu.vendor in _VENDORS]) if isinstance(facts.gpus, tuple) else None


def _device(said: str) -> str:
    name = "cuda:0" if said == "cuda" else said
    if name in {"auto", "cpu", "all"} or re.fullmatch(r"cuda:\d{1,3}", name):
        return name
    raise BadInput(f"--device {said}: no such device; say cpu, cuda:0, cuda:1, all or auto")


def _only(said: list[str]) -> tuple[str, ...]:
    from envdoctor.verify.selecting import subject_names

    known = subject_names()
    names = tuple(name.strip() for part in said for name in part.split(",") if name.strip())
    for name in names:
        if name not in known:
            raise BadInput(
                f"--only: {name!r} cannot be verified; {did_you_mean(name, known, f'there are {chr(44).join(known)}')}"
            )
    return names


def _limit(said: object) -> float:
    try:
        limit = float(str(said))
    except ValueError:
        limit = 0.0
    if not 1 <= limit <= 86400:
        raise BadInput(f"--time-limit {said}: a number of seconds from 1 on is wanted")
    return limit
