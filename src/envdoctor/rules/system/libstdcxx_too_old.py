"""The rule libstdcxx-too-old."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import PythonEnvironment, Unknown
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.libraries import CompiledNeed, LibraryFile
from envdoctor.model.unknown import Undecided
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.joining import only_messages
from envdoctor.rules.wording import listed

_VARIABLES = ("LD_LIBRARY_PATH", "LD_PRELOAD")


@rule(Severity.ERROR)
def libstdcxx_too_old(case: Case) -> Iterator[Finding]:
    """The libstdc++ that the loader takes is older than a compiled package needs.

    What it checks
        The GLIBCXX and CXXABI versions that the libraries of frameworks ask for (with --deep: of all packages), against those
        of the libstdc++.so.6 that the loader would take for them: run paths, LD_LIBRARY_PATH, the loader's cache. Loader
        errors that name a missing version, in a text that was pasted.

    Why it matters
        A package that was compiled with a newer gcc does not load: "version `GLIBCXX_3.4.29' not found". conda environments
        and systems carry copies of different age.

    How to fix
        Let the newer copy be loaded: update libstdcxx-ng in conda, or remove the older copy from the environment.

    References
        https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html
    """
    found = case.facts.environment
    needs = found.compiled_needs if isinstance(found, PythonEnvironment) else ()
    asked = [one for one in needs if one.family != "GLIBC" and _is_at_hand(case, one)]
    if not isinstance(found, PythonEnvironment) or not asked:
        yield from only_messages(case)
        return
    wanting: dict[str, list[CompiledNeed]] = {}
    for one in asked:
        if one.provider is not None and isinstance(one.provided, Version) and one.provided < one.version:
            wanting.setdefault(one.provider.path, []).append(one)
    for lacking in wanting.values():
        yield _found(found, lacking)
    unread = next((one.provided for one in asked if isinstance(one.provided, Unknown)), None)
    if unread is not None:
        raise Undecided(unread.reason)


def _is_at_hand(case: Case, need: CompiledNeed) -> bool:
    """Whether the library that would be loaded is that of the system that is meant."""
    return "os" not in case.facts.targeted or (need.provider is not None and need.provider.is_own)


def _found(environment: PythonEnvironment, lacking: list[CompiledNeed]) -> Finding:
    provider = lacking[0].provider
    path = provider.path if provider is not None else ""
    names = tuple(dict.fromkeys(one.package for one in lacking))
    highest = max(lacking, key=lambda one: (one.family, one.version))
    return Finding(
        title=f"{path} is too old for {listed(names[:4])}{' and others' if len(names) > 4 else ''}",
        detail=f"{highest.path} needs {highest.family}_{highest.version}; the loader takes {path} ({highest.provider_way}), "
        f"which ends with {highest.family}_{highest.provided}. Importing {highest.package} fails: version "
        f"`{highest.family}_{highest.version}' not found.",
        evidence=tuple(
            evidence(
                f"environment.compiled_needs[{one.package}].{one.family}", f"{one.version}, there is {one.provided}", one.path
            )
            for one in lacking[:8]
        ),
        fixes=(_fix(environment, provider, highest.provider_way),) if provider is not None else (),
        about=names,
    )


def _fix(environment: PythonEnvironment, provider: LibraryFile, way: str) -> Fix:
    folder = provider.path.rpartition("/")[0]
    if environment.kind == "conda" and provider.path.startswith(f"{environment.prefix}/lib/"):
        where = ("--prefix", environment.prefix, "--channel", "conda-forge")
        update = ("conda", "update", "--yes", *where, "libstdcxx-ng", "libgcc-ng")
        return Fix("Update the environment's libstdc++", safe=True, commands=(update,))
    if way in _VARIABLES:
        entry = folder if way == _VARIABLES[0] else provider.path
        return Fix(
            f"Remove {entry} from {way}",
            text="It is set in a shell start-up file, the job script, a module or the image's ENV. "
            f"For one run without it: env -u {way} COMMAND.",
            variable=(way, entry),
        )
    return Fix(
        "Use a newer system, or releases that were built for this one",
        text="libstdc++ comes with the distribution's gcc. Move to a newer distribution or container image, use a conda "
        "environment, which brings its own, or install older releases of these packages.",
    )
