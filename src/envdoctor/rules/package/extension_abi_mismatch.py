"""The rule extension-abi-mismatch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import Framework, PythonEnvironment, Unknown, known, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.libraries import TorchExtension
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import TORCH_EXTENSIONS, names_of
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.joining import only_messages
from envdoctor.rules.wording import pinned, titled

_WITH_OWN_RULE = frozenset({"torchvision", "torchaudio", "torchtext", "xformers", "triton", "bitsandbytes"})
"""torch-companion-mismatch speaks of the torch that they name."""
_SHOWN = 3


@rule(Severity.ERROR)
def extension_abi_mismatch(case: Case) -> Iterator[Finding]:
    """A compiled extension was built against another torch than the one installed.

    What it checks
        Every symbol of torch (`c10`, `at`, `torch`) that a compiled library outside torch needs, against those that the
        installed torch exports: of the main libraries of well-known extensions and of libraries that lie beside all packages,
        with --deep of all libraries. The release of torch that an extension's version names (`2.8.3+cu12torch2.8`). Loader
        errors about such symbols, in a text that was pasted.

    Why it matters
        torch's C++ interface changes with every release. An extension of another release does not load: "undefined
        symbol: _ZN3c10...".

    How to fix
        Install the extension's build for just this torch, CUDA, Python and C++ ABI, or build it anew.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
        https://github.com/Dao-AILab/flash-attention/releases
    """
    found = case.facts.environment
    torch = found.framework("torch") if isinstance(found, PythonEnvironment) else None
    if not isinstance(found, PythonEnvironment) or not isinstance(torch, Framework):
        yield from only_messages(case)
        return
    looked = found.torch_extensions or ()
    sound = {one.package for one in looked if one.missing_symbols == ()}
    lacking = [one for one in looked if isinstance(one.missing_symbols, tuple) and one.missing_symbols]
    for package in dict.fromkeys(one.package for one in lacking):
        yield _lacking(case, found, torch, [one for one in lacking if one.package == package])
    told = sound | {one.package for one in lacking}
    yield from _misnamed(found, torch, told)
    unread = [one.missing_symbols for one in looked if isinstance(one.missing_symbols, Unknown)]
    if unread:
        raise Undecided(unread[0].reason)
    if found.torch_extensions is None:
        raise skip("symbols of compiled extensions are looked at with --deep")
    if not looked:
        raise skip("no compiled extension of torch is installed")


def _misnamed(found: PythonEnvironment, torch: Framework, told: set[str]) -> Iterator[Finding]:
    """Extensions whose version names another release of torch, where their files did not tell."""
    for one in known(found.frameworks, ()):
        made_for = dict(one.built_with).get("torch", "")
        if one.name not in TORCH_EXTENSIONS | {"vllm", "flash-attn-3"} or one.name in _WITH_OWN_RULE:
            continue
        if not told.isdisjoint(names_of(one)) or _is_same(made_for, torch):
            continue
        yield Finding(
            title=f"{titled(one)} was built for torch {made_for}, not for {titled(torch)}",
            detail=f"Its version names torch {made_for}; {titled(torch)} is installed. Importing it is likely to end in "
            '"undefined symbol". envdoctor check --deep looks at its symbols.',
            evidence=(
                evidence(f"frameworks[{one.name}].built_with", f"torch {made_for}", one.source),
                evidence("frameworks[torch].version", torch.version, torch.source),
            ),
            fixes=(_anew(found, one.distribution or one.name, torch),),
            confidence=Confidence.LIKELY,
            about=(one.distribution or one.name,),
        )


def _is_same(made_for: str, torch: Framework) -> bool:
    """Whether the installed torch is of the release that is named, by major and minor; so too where none is named."""
    named = re.match(r"(\d+)\.(\d+)", made_for)
    return named is None or need(torch.version).release[:2] == (int(named[1]), int(named[2]))


def _lacking(case: Case, found: PythonEnvironment, torch: Framework, libraries: list[TorchExtension]) -> Finding:
    from envdoctor.rules.package.torch_companion_mismatch import COMPANIONS, install_together
    from envdoctor.rules.symbol_names import readable_symbol

    first = libraries[0]
    symbols = list(dict.fromkeys(symbol for one in libraries for symbol in _symbols(one)))
    name = first.package or first.path.rpartition("/")[2]
    package = found.package(first.package)
    title = titled(package) if package is not None and not isinstance(package, Unknown) else name
    more = f" and {len(symbols) - 1} more" if len(symbols) > 1 else ""
    return Finding(
        title=f"{title} was built against another torch than {titled(torch)}",
        detail=f"{first.path} needs {readable_symbol(symbols[0])} ({symbols[0]}){more}, which {titled(torch)} does not export. "
        f"Importing it fails: undefined symbol: {symbols[0]}.",
        evidence=(
            *(
                evidence(f"environment.torch_extensions[{name}].missing_symbols", symbol, one.path)
                for one in libraries[:_SHOWN]
                for symbol in _symbols(one)[:_SHOWN]
            ),
            evidence("frameworks[torch].version", torch.version, torch.source),
        ),
        fixes=(install_together(case, torch, [name]) if first.package in COMPANIONS else _anew(found, first.package, torch),),
        about=_about(first.package, symbols, torch),
    )


def _about(package: str, symbols: list[str], torch: Framework) -> tuple[str, ...]:
    """The package; and torch, where it is a CPU build and what is missing is its part for CUDA."""
    is_for_cuda = torch.flavour == "cpu" and any("cuda" in symbol for symbol in symbols)
    return (*((package,) if package else ()), *(names_of(torch) if is_for_cuda else ()))


def _symbols(one: TorchExtension) -> tuple[str, ...]:
    return () if isinstance(one.missing_symbols, Unknown) else one.missing_symbols


def _anew(found: PythonEnvironment, name: str, torch: Framework) -> Fix:
    """Build it anew against this torch; where no distribution is known to own it, that is for a person to do."""
    package = found.package(name) if name else None
    if package is None or isinstance(package, Unknown):
        return Fix(
            f"Build it anew against {titled(torch)}",
            text="Nothing that is installed lists this file: remove it, and build or install its package again.",
        )
    tools = tuple(tool for tool in ("setuptools", "wheel") if found.package(tool) is None)
    options = ["--force-reinstall", "--no-deps", "--no-cache-dir", "--no-build-isolation", "--no-binary"]
    commands = [("python", "-m", "pip", "install", *tools)] if tools else []
    commands.append(("python", "-m", "pip", "install", *options, name, pinned(package)))
    return Fix(
        f"Build {name} anew against {titled(torch)}",
        commands=tuple(commands),
        text=f"Or install a wheel of it that was made for torch {known(torch.version, '?')}, this Python and this C++ ABI.",
    )
