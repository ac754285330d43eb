"""What the rules about AMD's, Intel's and Google's accelerators ask first."""

from __future__ import annotations

from envdoctor.model.facts import AmdStack, DeviceFile, Framework, IntelStack, need, skip
from envdoctor.model.findings import Case, Fix
from envdoctor.rules.asking import frameworks, gpus_of, is_image, need_machine, of_this_machine, on_linux

FLAVOURS = {"rocm": "ROCm", "xpu": "Intel GPUs"}


def build_for(case: Case, flavour: str) -> Framework:
    """The first framework that was built for these GPUs; a GPU that no program is meant to use is no trouble.

    Raises:
        Skipped: none was.
        Undecided: what the environment holds is unknown.
    """
    found = next((one for one in frameworks(case) if need(one.flavour) == flavour), None)
    if found is None:
        raise skip(f"no framework here is built for {FLAVOURS[flavour]}")
    return found


def amd_stack(case: Case) -> AmdStack:
    """AMD's driver and device files, on a running Linux machine with such a GPU.

    Raises:
        Skipped: there is no AMD GPU, or it is no such machine.
        Undecided: they are unknown.
    """
    _on_this_linux(case, "amd")
    need_machine(case, "amd")
    stack = need(case.facts.amd)
    if stack is None:
        raise skip("no AMD GPU is on the bus of this machine")
    return stack


def intel_stack(case: Case) -> IntelStack:
    """Intel's libraries and device files, on a running Linux machine with such a GPU.

    Raises:
        Skipped: there is no Intel GPU, or it is no such machine.
        Undecided: they are unknown.
    """
    _on_this_linux(case, "intel")
    need_machine(case, "intel")
    stack = need(case.facts.intel)
    if stack is None:
        raise skip("no Intel GPU is on the bus of this machine")
    return stack


def _on_this_linux(case: Case, vendor: str) -> None:
    of_this_machine(case, "gpus")
    gpus_of(case, vendor)
    on_linux(case)
    if is_image(case.facts):
        raise skip("an image has no devices")


def closed(files: tuple[DeviceFile, ...], start: str) -> tuple[DeviceFile, ...]:
    """Those that this user may not open, where none of their kind may be opened.

    Raises:
        Undecided: whether one may be opened is unknown.
    """
    own = tuple(file for file in files if file.path.startswith(start))
    return () if any(need(file.is_writable) for file in own) else own


def join_group(files: tuple[DeviceFile, ...]) -> Fix:
    """How to be let in: the groups that the device files belong to."""
    groups = ",".join(sorted({file.group for file in files if isinstance(file.group, str)} - {"root"})) or "render"
    return Fix(
        f"Join the group {groups}",
        commands=(("sudo", "usermod", "-aG", groups, "USER"),),
        text="Put your user's name in the place of USER, then log out and in again. In a container add --group-add for each "
        "group, by its number on the host.",
    )
