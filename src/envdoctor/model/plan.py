"""Plans: what an install would do, as data before it is commands."""

from __future__ import annotations

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class Command:
    """One command. Never passed through a shell."""

    argv: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    """Set on top of the caller's environment."""
    working_folder: str | None = None
    secret: tuple[str, ...] = ()
    """Parts that are never shown."""

    def shown(self) -> tuple[str, ...]:
        """The argv as a person may see it."""
        argv = self.argv
        for secret in self.secret:
            argv = tuple(part.replace(secret, "***") for part in argv)
        return argv


@record
class Choice:
    """A decision of the planner, with the reason a person reads."""

    what: str
    """`python`, `backend`, `torch`, `index`, ..."""
    value: str
    reason: str


@record
class Step:
    """One thing to do; a backend turns it into commands."""

    action: str
    """`create-environment`, `install-packages`, `remove-packages`, `verify`."""
    title: str
    why: str
    requirements: tuple[str, ...] = ()
    """What was asked for."""
    pins: tuple[str, ...] | None = None
    """Exactly what is installed for that, dependencies included, as it was resolved; None where nothing could be resolved."""
    with_pip: bool = True
    """Whether pip is put into an environment that is created."""
    pip_wheels: tuple[str, ...] = ()
    """Where that pip lies: paths of wheels that Python brings along; empty where only `ensurepip` knows."""
    index: str | None = None
    """Replaces the configured index."""
    extra_indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    environment: str = ""
    """Prefix of the environment that it changes."""
    python: str = ""
    """Interpreter (path) to create an environment with."""
    upgrade: tuple[str, ...] = ()
    """Packages of which the newest is taken although an older one that is there would do."""
    constraints: tuple[str, ...] = ()
    """Paths of constraints files, beside those of the settings."""
    lock_file: str = ""
    """A requirements file with hashes that stands for `pins`: every file is checked against it."""
    page: str = ""
    """A page on this machine with links to exactly the files of `pins`; no index is asked for them."""
    again: bool = False
    """Whether the packages are taken once more although they are there, and what they require is left as it is."""
    from_source: bool = False
    """Whether they are built here, against what is installed."""
    imports: tuple[str, ...] = ()
    manager: str = ""
    """Whose step it is where a plan has two package managers: `conda`; empty for the one that brings wheels."""
    channels: tuple[str, ...] = ()
    """Of conda, the first one strongest."""
    virtual_packages: tuple[str, ...] = ()
    """What the machine is in conda's words: `__cuda=12.4`; filled where a target is meant instead of this machine."""
    subdir: str = ""
    """The platform in conda's words: `linux-64`."""
    commands: tuple[Command, ...] = ()


@record
class Archive:
    """A file from which a resolved package can be installed here; several where more than one wheel fits."""

    url: str
    """Without credentials."""
    sha256: str | None = None
    size_bytes: int | None = None
    uploaded: str | None = None
    """When it came to the index, as ISO 8601 says it."""


@record
class Download:
    """One package that the install would fetch."""

    name: str
    version: str
    size_bytes: int | Unknown
    """As the index states it."""
    source: str = ""
    archives: tuple[Archive, ...] = ()
    """The files that any installer may take for it here, with their hashes."""
    needs: tuple[str, ...] | Unknown = Unknown("the package manager does not say what it needs")
    """Its requirement lines, as its metadata holds them."""
    index: str = ""
    """The index or folder that it comes from, without credentials; empty where that was not told."""


@record
class Move:
    """A package that is there and must change its version."""

    name: str
    before: str
    after: str
    because: str = ""
    """Who needs it so."""


@record
class Exclusion:
    """A version, or all of something, and what excludes it."""

    what: str
    because: str


@record
class Derivation:
    """Why a package has the version it has: what speaks for it, and the newer candidates with what excluded each."""

    name: str
    version: str
    because: tuple[str, ...] = ()
    excluded: tuple[Exclusion, ...] = ()


@record
class Expected:
    """How long an install takes, in seconds: a range, and what it was computed from."""

    least_s: int
    most_s: int
    basis: str


@record
class Plan:
    """Everything that an install would do, in order."""

    profile: str
    environment: str
    creates_environment: bool
    backend: str
    choices: tuple[Choice, ...]
    steps: tuple[Step, ...]
    downloads: tuple[Download, ...] | Unknown = ()
    download_bytes: int | Unknown = Unknown("not asked of the index")
    installed_bytes: int | Unknown = Unknown("not asked of the index")
    notes: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    """What is there already and will not change."""
    moves: tuple[Move, ...] = ()
    """What is there already and must change."""
    expected: Expected | Unknown = Unknown("not measured")
    derivations: tuple[Derivation, ...] = ()
    """Filled where the whole derivation was asked for."""
    python: str = ""
    """Version of the interpreter."""
    exact: bool = True
    """Whether every framework comes in the very build that was wanted, and none that only stands in."""
    prefer: str = "newest"
    """What decided between versions that fit: `newest`, `stable`, `minimal-change`."""


@record
class Refusal:
    """Why a profile cannot be installed here, and what can."""

    profile: str
    reasons: tuple[str, ...]
    instead: tuple[str, ...] = ()
    """Commands or profiles that would work here."""
    proof: tuple[Exclusion, ...] = ()
    """Which requirement excludes what."""
    derivations: tuple[Derivation, ...] = ()
