"""Addresses of places on this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit


def local_path(location: str) -> str | None:
    """The path that a `file:` address or a plain path names; None for any other address."""
    scheme = urlsplit(location).scheme
    if scheme == "file":
        from urllib.request import url2pathname  # its module is half of all that this one would load

        return url2pathname(urlsplit(location).path)
    is_path = len(scheme) < 2  # one letter is a drive of Windows
    return os.path.abspath(os.path.expanduser(location)) if is_path else None
