"""What a command looks at: this machine, another environment, a root file system or a recording."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envdoctor.errors import BadInput
from envdoctor.model.facts import Subject

if TYPE_CHECKING:
    from envdoctor.system.port import System


def open_subject(python: str | None = None, rootfs: str | None = None, recording: str | None = None) -> tuple[System, Subject]:
    """The system to ask, and what the report calls it. `python` chooses an environment on whichever it is.

    Raises:
        BadInput: both a root file system and a recording were named, or what was named is not there.
    """
    if rootfs is not None and recording is not None:
        raise BadInput("--rootfs and --recording: only one of them can be looked at; leave one out")
    if rootfs is not None:
        from envdoctor.system.rootfs import Rootfs

        if not os.path.isdir(rootfs):
            raise BadInput(f"--rootfs {rootfs}: no such folder")
        return Rootfs(rootfs), Subject("rootfs", rootfs)
    if recording is not None:
        from envdoctor.system.recorded import load_recording

        return load_recording(recording), Subject("recording", recording)
    from envdoctor.system.live import Live

    return Live(), Subject("live", "this machine") if python is None else Subject("python", python)
