"""Libraries that come from elsewhere than the distributions that a framework was installed with, judged once for all rules."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.libraries import LibraryFile, LoadedLibrary
from envdoctor.rules.declaring import evidence
from envdoctor.rules.wording import listed

VARIABLES = ("LD_LIBRARY_PATH", "LD_PRELOAD")


def foreign_findings(libraries: tuple[LoadedLibrary, ...] | Unknown, *, is_cudnn: bool) -> Iterator[Finding]:
    """Findings about libraries that variables or the system put in the place of a distribution's own; none where unknown."""
    if isinstance(libraries, Unknown):
        return
    concerned = [library for library in libraries if library.name.startswith("libcudnn") == is_cudnn]
    told: set[tuple[str, str]] = set()
    for library in sorted(concerned, key=_is_own):
        finding = _judge(library)
        place = (_stem(library.name), _foreign_folder(library))
        if finding is not None and place not in told:
            told.add(place)
            yield finding


def _is_own(library: LoadedLibrary) -> bool:
    """What is loaded from elsewhere is told first; then what is only shadowed in the same folder needs no word."""
    return library.file is None or library.file.is_own


def _stem(name: str) -> str:
    """The same for all parts of cuDNN: `libcudnn`."""
    return name.partition(".")[0].partition("_")[0]


def _foreign_folder(library: LoadedLibrary) -> str:
    """The folder of the file that is not the environment's own."""
    files = ((library.file,) if library.file else ()) + library.shadows
    return next((file.path.rpartition("/")[0] for file in files if not file.is_own), "")


def _judge(library: LoadedLibrary) -> Finding | None:
    if library.file is None:
        return None
    if library.missing_symbols:
        return _lacking(library, library.file)
    own = next((file for file in library.shadows if file.is_own), None)
    if own is not None and not library.file.is_own:
        return _replaced(library, library.file, own)
    return _spared(library, library.file) if library.file.is_own else None


def _replaced(library: LoadedLibrary, used: LibraryFile, own: LibraryFile) -> Finding | None:
    """A foreign file is loaded in the place of the distribution's own."""
    if isinstance(used.version, Version) and isinstance(own.version, Version):
        order = compare(used.version, own.version)
        is_part = library.name.startswith("libcudnn_")
        if order == 0 or (order > 0 and not is_part):
            return None
        consequence = (
            "The parts of cuDNN must all be of one version: the first convolution fails "
            "(CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH)."
            if is_part
            else f"An older {library.name} may lack what newer libraries ask of it: undefined symbols, or errors at run time."
        )
        return _found(library, used, own, consequence, Severity.ERROR, Confidence.CERTAIN if is_part else Confidence.LIKELY)
    return _found(
        library, used, own, "Where it is older than that one, importing or the first call fails.", Severity.WARNING,
        Confidence.POSSIBLE,
    )  # fmt: skip


def _lacking(library: LoadedLibrary, used: LibraryFile) -> Finding:
    own = next((file for file in library.shadows if file.is_own), None)
    names = listed(library.missing_symbols[:3])
    more = f" and {len(library.missing_symbols) - 3} more" if len(library.missing_symbols) > 3 else ""
    consequence = f"{library.needed_by} needs {names}{more}, which it does not have: importing {library.framework} fails."
    return _found(library, used, own, consequence, Severity.ERROR, Confidence.CERTAIN)


def _spared(library: LoadedLibrary, used: LibraryFile) -> Finding | None:
    """The right file is loaded, but an older one lies on LD_LIBRARY_PATH for whoever does not take such care."""
    older = [file for file in library.shadows if not file.is_own and is_older(file, used)]
    if not older or not library.name.startswith(("libnvJitLink", "libcudnn", "libcublas")):
        return None
    return Finding(
        title=f"An older {library.name} is on LD_LIBRARY_PATH",
        detail=f"{older[0].path} ({_version(older[0])}) is found before {used.path} ({_version(used)}) by whatever does not "
        f"carry a path of its own. {library.framework} itself is spared ({library.way} of {library.way_of}); other libraries "
        "in the same process, and programs started from it, are not.",
        evidence=(
            evidence(
                f"environment.libraries[{library.name}].shadows", f"{older[0].path} {_version(older[0])}", "LD_LIBRARY_PATH"
            ),
            evidence(f"environment.libraries[{library.name}].file", f"{used.path} {_version(used)}", library.source),
        ),
        fixes=(_without("LD_LIBRARY_PATH", older[0].path.rpartition("/")[0]),),
        severity=Severity.WARNING,
        confidence=Confidence.CERTAIN,
    )


def _found(
    library: LoadedLibrary, used: LibraryFile, own: LibraryFile | None, consequence: str, severity: Severity, sure: Confidence
) -> Finding:
    beside = f" in the place of {own.path} ({_version(own)}, {own.package or 'its own'})" if own else ""
    proof: list[Evidence] = [
        evidence(
            f"environment.libraries[{library.name}].file", f"{used.path} {_version(used)}", f"{library.way} {library.way_of}"
        )
    ]
    if own is not None:
        proof.append(evidence(f"environment.libraries[{library.name}].shadows", f"{own.path} {_version(own)}", own.path))
    return Finding(
        title=f"{library.framework} would load {library.name} from {used.path.rpartition('/')[0]}, not its own",
        detail=f"{library.way} ({library.way_of}) leads {library.needed_by or library.framework} to {used.path} "
        f"({_version(used)}){beside}. {consequence}",
        evidence=tuple(proof),
        fixes=(_fix(library, used),),
        severity=severity,
        confidence=sure,
    )


def _fix(library: LoadedLibrary, used: LibraryFile) -> Fix:
    if library.way in VARIABLES:
        return _without(library.way, library.way_of)
    from_list = f"{library.way}," if library.way.startswith("/etc/ld-musl-") else "/etc/ld.so.conf.d and run ldconfig,"
    return Fix(
        f"Keep {used.path} out of the loader's way",
        text=f"It is found by {library.way} ({library.way_of}). Remove its folder from {from_list} or "
        "uninstall the package that brought it.",
    )


def _without(variable: str, entry: str) -> Fix:
    return Fix(
        f"Remove {entry} from {variable}",
        text="It is set in a shell start-up file, the job script, a module or the image's ENV. "
        f"For one run without it: env -u {variable} COMMAND.",
        variable=(variable, entry),
    )


def is_older(one: LibraryFile, other: LibraryFile) -> bool:
    """Whether a file is known to be of an older version than another."""
    if isinstance(one.version, Unknown) or isinstance(other.version, Unknown):
        return False
    return compare(one.version, other.version) < 0


def compare(one: Version, other: Version) -> int:
    """-1, 0 or 1: by the numbers that both versions state; wheels state one more than file names do."""
    width = min(len(one.release), len(other.release))
    here, there = one.release[:width], other.release[:width]
    return (here > there) - (here < there)


def _version(file: LibraryFile) -> str:
    return "version unknown" if isinstance(file.version, Unknown) else str(file.version)
