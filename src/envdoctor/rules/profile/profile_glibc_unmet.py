"""The rule profile-glibc-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.ranges import range_text
from envdoctor.model.unknown import Undecided
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked_range, contains, unmet


@rule(Severity.ERROR, for_profile=True)
def profile_glibc_unmet(case: Case) -> Iterator[Finding]:
    """The C library is not the glibc that the profile asks for.

    What it checks
        The version of glibc against the profile's `glibc`. A Linux with another C library (musl on Alpine) fails; systems
        other than Linux are not judged.

    Why it matters
        Binary packages for Linux are linked against a glibc and run with it or a newer one. On musl they do not load, and pip
        finds no fitting wheel.

    How to fix
        Use a newer release of the distribution, or an image that has one. glibc cannot be updated by itself.

    References
        https://peps.python.org/pep-0600/
        https://github.com/mayeut/pep600_compliance
    """
    wanted = asked_range(case, "glibc")
    os = need(case.facts.os)
    libc = need(os.libc)
    if libc is None:
        raise skip("the question arises on Linux only")
    cure = Fix("Use a distribution or image with a newer glibc", text="Such as debian:12, ubuntu:24.04 or rockylinux:9.")
    follows = "Binary packages that need a newer C library do not load."
    if libc != "glibc":
        proof = (evidence("os.libc", libc, os.source),)
        yield unmet(case, "glibc", range_text(wanted), libc, "Wheels for Linux are made for glibc.", proof, (cure,))
        return
    version = need(os.libc_version)
    if version is None:
        raise Undecided("the version of glibc was not found")
    if not contains(wanted, version):
        proof = (evidence("os.libc_version", version, os.source),)
        yield unmet(case, "glibc", range_text(wanted), f"glibc {version}", follows, proof, (cure,))
