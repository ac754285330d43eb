"""Names and passwords for indexes: from addresses, else from `.netrc`, as pip and uv take them. Sent, and never shown."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit


def authorization(address: str, places: Iterable[str]) -> dict[str, str]:
    """The header for an address: with its own credentials, those of a configured place on the same server, or `.netrc`'s.

    The files of an index may lie on its server, and their addresses carry no credentials.
    """
    near = (address, *(place for place in places if server_of(place) == server_of(address)))
    parts = next((urlsplit(place) for place in near if "@" in urlsplit(place).netloc), None)
    if parts is not None and parts.username is not None:
        return _basic(unquote(parts.username), unquote(parts.password or ""))
    login = netrc_login(urlsplit(address).hostname or "")
    return _basic(*login) if login else {}


def netrc_login(host: str) -> tuple[str, str] | None:
    """Name and password that `.netrc` has for a server: of the file that NETRC names, else of the one in the home folder.

    A file that cannot be read has none, as for pip.
    """
    home = os.path.expanduser("~")
    named = os.environ.get("NETRC")
    paths = [named] if named else [os.path.join(home, ".netrc"), os.path.join(home, "_netrc")]
    path = next((path for path in paths if os.path.isfile(path)), None)
    if path is None or not host:
        return None
    import netrc

    try:
        found = netrc.netrc(path).authenticators(host)
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        return None
    return (found[0] or found[1] or "", found[2] or "") if found else None


def server_of(address: str) -> tuple[str, str]:
    """Scheme, host and port, without credentials."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}
