"""Connections: each server is looked up once, and every place of it is tried."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from envdoctor.system import dialing


@pytest.fixture
def server() -> Iterator[int]:
    """The port of something that listens on 127.0.0.1, and on no address of IPv6."""
    with socket.create_server(("127.0.0.1", 0), backlog=32) as listening:
        yield listening.getsockname()[1]


def counted(monkeypatch: pytest.MonkeyPatch, *places: tuple[socket.AddressFamily, tuple[object, ...]]) -> list[str]:
    """Names that are looked up, each with these places."""
    asked: list[str] = []
    dialing._look_up.cache_clear()

    def look_up(host: str, *_words: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(family, socket.SOCK_STREAM, 6, "", place) for family, place in places]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_one_look_up_for_all_questions(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = counted(monkeypatch, (socket.AF_INET, ("127.0.0.1", server)))
    start = threading.Barrier(8)

    def ask(_number: int) -> None:
        start.wait()
        dialing.connect(("index.example", server), 5).close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert asked == ["index.example"]


def test_the_next_place_where_the_first_takes_no_connection(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    counted(monkeypatch, (socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET, ("127.0.0.1", server)))
    with dialing.connect(("index.example", server), 5, ("127.0.0.1", 0)) as link:
        assert link.getpeername()[1] == server
        assert link.gettimeout() == 5


def test_no_place_takes_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    counted(monkeypatch, (socket.AF_INET, ("127.0.0.1", port)))
    with pytest.raises(ConnectionRefusedError):
        dialing.connect(("index.example", port), 5)
    counted(monkeypatch)
    with pytest.raises(OSError, match="no address"):
        dialing.connect(("index.example", port), 5)


def test_a_name_that_is_not_known_may_be_known_the_next_time(monkeypatch: pytest.MonkeyPatch, server: int) -> None:
    dialing._look_up.cache_clear()

    def refuse(*_words: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", refuse)
        with pytest.raises(socket.gaierror):
            dialing.connect(("localhost", server), 5)
    dialing.connect(("localhost", server), 5).close()
