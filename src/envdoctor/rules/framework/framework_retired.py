"""The rule framework-retired."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import environment, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import titled


@rule(Severity.INFO)
def framework_retired(case: Case) -> Iterator[Finding]:
    """A framework or package in the environment is no longer developed.

    What it checks
        Installed packages against a list of those that have ended: MXNet, torchtext, tensorflow-gpu, TensorFlow Addons, ...

    Why it matters
        It gets no fixes and holds back Python, NumPy and CUDA.

    How to fix
        Move to what took its place; keep old work in an environment of its own.

    References
        https://attic.apache.org/projects/mxnet.html
        https://pypi.org/project/tensorflow-gpu/
    """
    packages(case)
    for row in case.knowledge.tables["retired"]["rows"]:
        there = need(environment(case).package(row["package"]))
        if there is None:
            continue
        since = f" since {row['since']}" if "since" in row else ""
        yield Finding(
            title=f"{there.name} has ended{since}",
            detail=f"{titled(there)}: {row['why']} ({row['source']}). {row['instead']} is what to use now.",
            evidence=(evidence(f"packages[{there.name}].version", there.version, there.source),),
            fixes=(
                Fix(f"Move to {row['instead']}", text="For old work keep an environment of its own (profile mxnet-legacy, say)."),
            ),
        )
