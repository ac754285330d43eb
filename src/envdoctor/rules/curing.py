"""Next steps that several rules propose, worded once: for the driver of this distribution, for packages from an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envdoctor.model.facts import OperatingSystem, PythonEnvironment, Unknown, known
from envdoctor.model.findings import Case, Fix
from envdoctor.rules.requirements import Unmet, combined_range, demanders_of
from envdoctor.rules.wording import listed, pinned

if TYPE_CHECKING:
    from envdoctor.knowledge.distributions import DistributionCommands
    from envdoctor.knowledge.driver_packages import WantedDriver

DRIVER_PAGE = "https://www.nvidia.com/en-us/drivers/"


def install_driver(case: Case, branch: int | None = None, *, open_module: bool | None = None) -> Fix:
    """Install an NVIDIA driver of that branch or newer, the way this system does it.

    Where a GPU here was dropped after some branch, that branch; and the kernel module that serves the GPUs, unless one is named.
    """
    from envdoctor.knowledge.driver_packages import WantedDriver
    from envdoctor.knowledge.drivers import maintained_branch
    from envdoctor.rules.driver_cure import gpus_ask

    asked = gpus_ask(case)
    exactly = asked.last is not None and (branch is None or branch <= asked.last)
    branch = asked.last if exactly else branch
    if open_module is None:
        kept = branch if exactly or branch is None else maintained_branch(case.knowledge, branch)
        driver = WantedDriver(kept, asked.open_module, exactly, asked.first)
    else:
        driver = WantedDriver(branch, open_module, exactly, asked.first)
    wanted = f"NVIDIA driver {branch}{'' if exactly else ' or newer'}" if branch else "the NVIDIA driver"
    os = case.facts.os
    if isinstance(os, Unknown):
        return Fix(f"Install {wanted}", text=f"Get it from your distribution, or from {DRIVER_PAGE}; then restart.")
    if isinstance(os.wsl, int):
        return Fix(
            f"Install {wanted} in Windows, not here",
            text=f"WSL uses the driver of Windows ({DRIVER_PAGE}). Run `wsl --shutdown` in Windows afterwards; "
            "never install a Linux display driver inside WSL.",
        )
    here = "driver" not in case.facts.targeted
    if here and not isinstance(case.facts.container, Unknown) and case.facts.container is not None:
        return Fix(
            f"Install {wanted} on the host", text="A container uses the driver of its host; nothing in here can change it."
        )
    if os.system == "windows":
        return Fix(f"Install {wanted}", text=f"Download it from {DRIVER_PAGE}, install it and restart.")
    return _install_on_linux(case, os, wanted, driver)


def _install_on_linux(case: Case, os: OperatingSystem, wanted: str, driver: WantedDriver) -> Fix:
    names = (*((os.id,) if isinstance(os.id, str) else ()), *os.id_like)
    from envdoctor.knowledge.driver_packages import driver_install

    found = driver_install(case.knowledge, names, driver, os.version if isinstance(os.version, str) else None)
    if found is None:
        return Fix(f"Install {wanted}", text=f"Get it from your distribution, or from {DRIVER_PAGE}; then restart.")
    note = f" ({found.note})" if found.note else ""
    name = known(os.name, known(os.id, "this distribution"))
    return Fix(f"Install {wanted}", commands=found.commands, text=f"On {name}{note}. Restart afterwards.")


def distribution_commands(case: Case, purpose: str, word: str = "") -> DistributionCommands | None:
    """What this distribution runs for a purpose; None where that is not known."""
    from envdoctor.knowledge.distributions import commands_for

    os = case.facts.os
    if isinstance(os, Unknown):
        return None
    return commands_for(case.knowledge, purpose, (*((os.id,) if isinstance(os.id, str) else ()), *os.id_like), word)


def kernel_argument(case: Case, title: str, argument: str, text: str = "") -> Fix:
    """Start the kernel with an argument, the way this distribution sets it."""
    found = distribution_commands(case, "kernel-argument", argument)
    if found is not None and not found.hint:
        return Fix(title, commands=found.argvs, text=text)
    edit = f"Add {argument} to GRUB_CMDLINE_LINUX in /etc/default/grub, write GRUB's configuration anew, and restart."
    return Fix(title, commands=found.argvs if found else (), text=f"{edit} {text}".rstrip())


REBOOT = Fix(
    "Restart the machine",
    commands=(("sudo", "reboot"),),
    text="The kernel then loads the module that belongs to the installed driver.",
)


def fix_range(environment: PythonEnvironment, name: str, unmet: Sequence[Unmet]) -> Fix:
    """Install the version of a package that everything installed accepts, or say that there is none."""
    together = combined_range(environment, name, [one.specifier for one in unmet if one.source])
    if together is not None:
        asked = together or ",".join(dict.fromkeys(one.specifier for one in unmet if one.specifier))
        return Fix(f"Install a {name} that fits", safe=True, packages=(f"{name}{asked}",))
    return _move_demanders(environment, name)


def _move_demanders(environment: PythonEnvironment, name: str) -> Fix:
    """No version suits all: newer releases of those that hold it down, in one command with those that do not move."""
    asking = demanders_of(environment, name)
    held = [one for one, specifier in asking if any(mark in specifier for mark in ("<", "==", "~="))] or [
        one for one, _ in asking
    ]
    lines = [
        f"{one.name}>{one.version}" if one in held else pinned(one) for one, _ in asking if not isinstance(one.version, Unknown)
    ]
    return Fix(
        f"Move {listed(one.name for one in held)} to a release that accepts the other packages' {name}",
        packages=tuple(dict.fromkeys(lines)),
        text=f"No version of {name} satisfies all that is installed.",
    )


def deletion(path: str, windows: bool) -> tuple[str, ...]:
    """The command that deletes a folder."""
    return ("cmd", "/c", "rmdir", "/s", "/q", path.replace("/", "\\")) if windows else ("rm", "-r", path)
