"""The rule jax-plugin-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Package, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import environment, package
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.requirements import unmet_requirements
from envdoctor.rules.wording import listed, titled

PLUGINS = tuple(f"jax-cuda{major}-{part}" for major in (12, 13) for part in ("plugin", "pjrt"))


@rule(Severity.ERROR)
def jax_plugin_mismatch(case: Case) -> Iterator[Finding]:
    """JAX, jaxlib and the CUDA plugin are of different releases.

    What it checks
        Whether jaxlib and jax-cuda12/13-plugin and -pjrt are of the release of jax, and whether plugin and pjrt are both there
        and of one CUDA.

    Why it matters
        JAX ignores a plugin of another release ("version not compatible") and runs on the CPU, or fails on import.

    How to fix
        Install them through jax's own extra, in one command.

    References
        https://docs.jax.dev/en/latest/installation.html
        https://docs.jax.dev/en/latest/jep/9419-jax-versioning.html
    """
    jax = package(case, "jax")
    found = environment(case)
    plugins = [there for name in PLUGINS if (there := need(found.package(name))) is not None]
    jaxlib = need(found.package("jaxlib"))
    if jaxlib is None:
        raise skip("jaxlib is not installed: dependency-conflict speaks of that")
    majors = sorted({plugin.name[8:10] for plugin in plugins})
    strange = [plugin for plugin in plugins if need(plugin.version).release != need(jaxlib.version).release]
    if need(jaxlib.version).release[:3] > need(jax.version).release[:3]:
        yield _found(jax, [jaxlib], majors, f"{titled(jaxlib)}, which is newer")
    elif asked := _asked_jaxlib(case, jax):
        yield _found(jax, [jaxlib], majors, f"{titled(jaxlib)}, where it requires jaxlib{asked}")
    elif strange:
        yield _found(jax, strange, majors, f"{listed(f'{titled(part)}' for part in strange)} and {titled(jaxlib)}")
    elif len(majors) > 1:
        yield _found(jax, plugins, majors, "plugins for CUDA 12 and for CUDA 13, of which one is wanted")
    elif len(plugins) == 1:
        yield _found(jax, plugins, majors, f"{plugins[0].name} alone; plugin and pjrt belong together")


def _asked_jaxlib(case: Case, jax: Package) -> str:
    """The range of jaxlib that jax requires and does not get; empty where it is met or not stated."""
    if isinstance(jax.requires, Unknown):
        return ""
    unmet = unmet_requirements(case.facts, environment(case), of={"jax"}, on={"jaxlib"})
    return next((one.specifier for one in unmet), "")


def _found(jax: Package, parts: list[Package], majors: list[str], why: str) -> Finding:
    extra = f"[cuda{majors[-1]}]" if majors else ""
    shown = jax.version if not isinstance(jax.version, Unknown) else "unknown"
    return Finding(
        title=f"jax {shown} and {listed(part.name for part in parts)} do not belong together",
        detail=f"Beside jax {shown} there is {why}. JAX fails on import, or leaves a plugin of another "
        "release out and runs on the CPU.",
        evidence=(
            evidence("packages[jax].version", jax.version, jax.source),
            *(evidence(f"packages[{part.name}].version", part.version, part.source) for part in parts),
        ),
        fixes=(Fix(f"Install jax {shown} with what belongs to it", safe=True, packages=(f"jax{extra}=={shown}",)),),
    )
