"""The environment under examination: its frameworks, and its packages to search in."""

from __future__ import annotations

from envdoctor.model.facts import Facts, Framework, Package, PythonEnvironment, Unknown
from envdoctor.render.facts_document import as_data
from envdoctor.render.html.elements import Markup, element
from envdoctor.render.words import told


def environment_section(facts: Facts) -> Markup | None:
    """Frameworks and packages; None where there is no environment."""
    found = facts.environment
    if found is None:
        return None
    if isinstance(found, Unknown):
        inside = [element("p", told(found), class_="quiet")]
    else:
        inside = [element("p", element("code", found.prefix)), *_frameworks(found), *_packages(found)]
    return element("section", element("h2", "The environment", id="environment"), *inside, aria_labelledby="environment")


def _frameworks(found: PythonEnvironment) -> list[Markup]:
    if isinstance(found.frameworks, Unknown):
        return [element("p", f"Frameworks: {told(found.frameworks)}", class_="quiet")]
    if not found.frameworks:
        return [element("p", "No framework is installed.", class_="quiet")]
    rows = [_framework(framework) for framework in found.frameworks]
    return [_table("Frameworks", ("Framework", "Version", "Build", "CUDA or ROCm", "cuDNN", "GPU code"), rows)]


def _framework(framework: Framework) -> Markup:
    toolkit = framework.cuda_version if framework.cuda_version is not None else framework.rocm_version
    cells = (framework.version, framework.flavour, toolkit, framework.cudnn_version, framework.gpu_code)
    return element("tr", element("th", framework.name, scope="row"), *(element("td", _shown(cell)) for cell in cells))


def _packages(found: PythonEnvironment) -> list[Markup]:
    if isinstance(found.packages, Unknown):
        return [element("p", f"Packages: {told(found.packages)}", class_="quiet")]
    rows = [_package(package) for package in sorted(found.packages, key=lambda package: package.name.lower())]
    count = f"{len(rows)} packages" if len(rows) != 1 else "1 package"
    return [
        element(
            "details",
            element("summary", count),
            element(
                "p",
                element("label", "Search ", for_="search"),
                element("input", type="search", id="search", autocomplete="off", spellcheck="false", data_table="packages"),
                element("span", "", class_="quiet", id="found", role="status"),
                class_="row",
            ),
            _table("Packages", ("Package", "Version", "Installed by"), rows, "packages"),
        )
    ]


def _package(package: Package) -> Markup:
    fault = element("span", f" {package.fault}", class_="fault") if package.fault else None
    return element(
        "tr",
        element("th", package.name, fault, scope="row"),
        element("td", _shown(package.version)),
        element("td", "" if isinstance(package.installer, Unknown) else _shown(package.installer)),
    )


def _table(caption: str, heads: tuple[str, ...], rows: list[Markup], name: str | None = None) -> Markup:
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
            element("tbody", *rows),
            id=name,
        ),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _shown(value: object) -> str:
    """A fact in a cell."""
    if value is None:
        return "–"
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, tuple | list | frozenset):
        return " ".join(str(item) for item in as_data(value))
    return str(as_data(value))
