"""Which torch installed packages insist on: a fix that installs another one would break them."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.extensions import Pins, pins
from envdoctor.model.facts import Package, PythonEnvironment, Unknown
from envdoctor.model.findings import Case
from envdoctor.rules.requirements import parse_line

PINNING = ("vllm", "xformers")
"""Packages that are compiled for one torch, and are not on its index: a build of another torch would break them."""


def torch_pins(case: Case) -> tuple[str, ...]:
    """The ranges of torch that installed packages insist on which would not run with another: by metadata, else by the tables."""
    ranges: list[str] = []
    for name in PINNING:
        environment = case.facts.environment
        there = environment.package(name) if isinstance(environment, PythonEnvironment) else None
        if not isinstance(there, Package) or isinstance(there.version, Unknown):
            continue
        known = pins(case.knowledge, name, there.version)
        lines = (parse_line(line) for line in there.requires) if isinstance(there.requires, tuple) else ()
        stated = [line[1] for line in lines if line is not None and line[0] == "torch" and line[1] and not line[2]]
        ranges += stated or ([known.ranges["torch"]] if isinstance(known, Pins) and "torch" in known.ranges else [])
    return tuple(ranges)


def cuda_pin(case: Case) -> int | None:
    """The CUDA major that an installed package is compiled for together with its torch; None where none is, or nobody knows."""
    from envdoctor.knowledge.frameworks import builds_of

    environment = case.facts.environment
    for name in PINNING:
        there = environment.package(name) if isinstance(environment, PythonEnvironment) else None
        if not isinstance(there, Package) or isinstance(there.version, Unknown):
            continue
        builds = builds_of(case.knowledge, name, there.version)
        majors = {one.cuda.major for one in builds if isinstance(one.cuda, Version)} if isinstance(builds, tuple) else set()
        if len(majors) == 1:
            return majors.pop()
    return None
