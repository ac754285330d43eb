"""The rule protobuf-conflict."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Package, PythonEnvironment
from envdoctor.model.findings import Case, Confidence, Finding, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import environment, package
from envdoctor.rules.curing import fix_range
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import Unmet, unmet_requirements
from envdoctor.rules.tabled_requirements import is_sure, unmet_by_tables
from envdoctor.rules.wording import listed, titled


@rule(Severity.ERROR)
def protobuf_conflict(case: Case) -> Iterator[Finding]:
    """The installed protobuf is outside the range that a package requires.

    What it checks
        Requirements on protobuf in the metadata of installed packages (TensorFlow, ONNX, TensorBoard, ...); where it is not
        at hand (a pasted list), what TensorFlow's releases are known to ask for.

    Why it matters
        Generated code of one protobuf generation refuses to load in another: "Descriptors cannot be created directly",
        "cannot import name 'runtime_version'", or a crash.

    How to fix
        Install a protobuf that all of them accept; where there is none, upgrade the older package.

    References
        https://protobuf.dev/support/cross-version-runtime-guarantee/
        https://protobuf.dev/news/2022-05-06/
    """
    installed = package(case, "protobuf")
    found = environment(case)
    by_tables = [one for one in unmet_by_tables(case, found) if one.name == "protobuf"]
    doubt: Undecided | None = None
    unmet = list(by_tables)
    try:
        unmet.extend(unmet_requirements(case.facts, found, on={"protobuf"}))
    except Undecided as undecided:
        doubt = undecided
    if unmet:
        yield _found(case, found, installed, unmet)
    if doubt is not None:
        raise doubt


def _found(case: Case, found: PythonEnvironment, installed: Package, unmet: list[Unmet]) -> Finding:
    wants = listed(f"{titled(one.demander)} requires protobuf{one.specifier}" for one in unmet)
    return Finding(
        title=f"{titled(installed)} does not fit {listed(one.demander.name for one in unmet)}",
        detail=f"{wants}; {titled(installed)} is installed. Importing them may fail with a descriptor or runtime version error.",
        evidence=(
            evidence("packages[protobuf].version", installed.version, installed.source),
            *(
                evidence(f"packages[{one.demander.name}].requires", f"protobuf{one.specifier}", one.source or one.demander.source)
                for one in unmet
            ),
        ),
        fixes=(fix_range(found, "protobuf", unmet),),
        confidence=Confidence.CERTAIN if any(is_sure(case, one) for one in unmet) else Confidence.LIKELY,
    )
