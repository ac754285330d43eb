"""The rule protobuf-conflict."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.asking import environment, package
from envdoctor.rules.curing import fix_range
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import unmet_requirements
from envdoctor.rules.wording import listed, titled


@rule(Severity.ERROR)
def protobuf_conflict(case: Case) -> Iterator[Finding]:
    """The installed protobuf is outside the range that a package requires.

    What it checks
        Requirements on protobuf in the metadata of installed packages (TensorFlow, ONNX, TensorBoard, ...).

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
    unmet = list(unmet_requirements(case.facts, found, on={"protobuf"}))
    if not unmet:
        return
    wants = listed(f"{titled(one.demander)} requires protobuf{one.specifier}" for one in unmet)
    yield Finding(
        title=f"{titled(installed)} does not fit {listed(one.demander.name for one in unmet)}",
        detail=f"{wants}; {titled(installed)} is installed. Importing them may fail with a descriptor or runtime version error.",
        evidence=(
            evidence("packages[protobuf].version", installed.version, installed.source),
            *(
                evidence(f"packages[{one.demander.name}].requires", f"protobuf{one.specifier}", one.demander.source)
                for one in unmet
            ),
        ),
        fixes=(fix_range(found, "protobuf", unmet),),
    )
