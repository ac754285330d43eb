"""Whether an install into an environment was cut off, or is under way: what every command that looks there mentions.

Costs one question to the file system where there is none, so that every `check` can afford it.
"""

from __future__ import annotations

import os


def pending_install(environment: str) -> str | None:
    """A sentence for a person; None where nothing is pending. Changes nothing."""
    environment = os.path.realpath(environment)
    folder, name = os.path.split(environment)
    if not os.path.lexists(os.path.join(folder, f".{name}.envdoctor-install.json")):
        return None
    from envdoctor.install.locking import lock_path
    from envdoctor.system.locking import read_holder

    holder = read_holder(lock_path(environment))
    if holder is not None and holder.is_alive():
        return f"{environment}: an install is at work on it (process {holder.process} on {holder.host})"
    return (
        f"{environment}: an install was cut off, so what is there may be half done; "
        f"to put it right: envdoctor rollback --env {environment}"
    )
