"""Connections to package indexes, each server's name looked up once however many questions go to it.

A hundred questions at once would otherwise be a hundred look-ups at once, and home routers and resolvers of containers
drop what comes too fast: each look-up that is lost costs the five seconds until the system asks again (measured).
"""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPResponse

Place = tuple[socket.AddressFamily, Any]
"""Of a server: the family of its address, and the address with the port."""


def connect(
    address: tuple[str, int], timeout: float | None = None, source_address: tuple[str, int] | None = None
) -> socket.socket:
    """A connection to the first place of a server that takes one; as `socket.create_connection`, which looks up each time.

    Raises:
        OSError: the name is not known, or no place takes a connection.
    """
    failed = OSError("the name has no address")
    for family, place in _Lookups.of(*address):
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            if isinstance(timeout, (int, float)):  # else it is the mark for the default limit
                link.settimeout(timeout)
            if source_address:
                link.bind(source_address)
            link.connect(place)
        except OSError as error:
            link.close()
            failed = error
        else:
            return link
    raise failed


class _Lookups:
    """Where servers are. Whoever asks while a name is being looked up waits for that answer."""

    lock = threading.Lock()
    locks: dict[tuple[str, int], threading.Lock] = {}  # noqa: RUF012 - one for all, and that is its purpose

    @classmethod
    def of(cls, host: str, port: int) -> tuple[Place, ...]:
        """The places of a server.

        Raises:
            OSError: the name is not known.
        """
        with cls.lock:
            mine = cls.locks.setdefault((host, port), threading.Lock())
        with mine:
            return _look_up(host, port)


@lru_cache(maxsize=256)
def _look_up(host: str, port: int) -> tuple[Place, ...]:
    found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    return tuple((family, place) for family, _kind, _protocol, _name, place in found)


class _Plain(http.client.HTTPConnection):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._create_connection = connect


class _Sealed(http.client.HTTPSConnection):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._create_connection = connect


class Plain(urllib.request.HTTPHandler):
    """Opens http."""

    def http_open(self, request: urllib.request.Request) -> HTTPResponse:
        """Open it."""
        return self.do_open(_Plain, request)


class Sealed(urllib.request.HTTPSHandler):
    """Opens https with one set of certificates."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._certificates = context

    def https_open(self, request: urllib.request.Request) -> HTTPResponse:
        """Open it."""
        return self.do_open(_Sealed, request, context=self._certificates)
