"""The rule image-system-python-managed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.recipe._reading import at, recipe_of


@rule(Severity.ERROR)
def image_system_python_managed(case: Case) -> Iterator[Finding]:
    """A Dockerfile lets pip install into a Python that the distribution keeps for itself.

    What it checks
        pip commands that use the python3 of Debian 12, Ubuntu 24.04 or newer, outside of a virtual environment and without
        --break-system-packages.

    Why it matters
        pip refuses with "error: externally-managed-environment" (PEP 668), and the build ends there.

    How to fix
        Make a virtual environment in the image and put it on PATH, or start from a python image.

    References
        https://packaging.python.org/en/latest/specifications/externally-managed-environments/
        https://www.debian.org/releases/bookworm/amd64/release-notes/ch-information.en.html#python3-pep-668
    """
    recipe = recipe_of(case)
    told: set[int] = set()
    for one in recipe.installed:
        if not one.system_python or one.may_break_system or one.command_line in told:
            continue
        told.add(one.command_line)
        yield Finding(
            title=f"pip refuses to change the system's Python {one.python} of {recipe.base.name}",
            detail="The distribution marks its Python as managed (PEP 668); a virtual environment is wanted. The build ends with "
            "externally-managed-environment.",
            evidence=(at(recipe, one.command_line, "command", f"pip install {one.requirement}"),),
            fixes=(
                Fix(
                    "Make a virtual environment in the image",
                    text="RUN python3 -m venv /opt/venv, then ENV PATH=/opt/venv/bin:$PATH, before the first pip install",
                ),
            ),
        )
