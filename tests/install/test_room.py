"""Room on disk."""

from __future__ import annotations

from envdoctor.install.planner.room import Need, needed_by_place, shortage
from envdoctor.model.offers import Room
from envdoctor.model.unknown import Unknown

GIB = 1 << 30


def rooms(environment: int | Unknown, cache: int, temporary: int, devices: str = "abc") -> tuple[Room, ...]:
    places = ("environment", "cache", "temporary")
    free: tuple[int | Unknown, ...] = (environment, cache, temporary)
    return tuple(Room(place, f"/{place}", free[n], devices[n]) for n, place in enumerate(places))


def test_it_fits() -> None:
    assert shortage(Need(GIB, 2 * GIB), "pip", rooms(3 * GIB, 2 * GIB, 2 * GIB)) is None


def test_pip_needs_room_for_downloads_in_the_temporary_folder() -> None:
    told = shortage(Need(3 * GIB, 5 * GIB), "pip", rooms(99 * GIB, 99 * GIB, GIB))
    assert told is not None
    assert "/temporary" in told
    assert "3.0 GiB" in told
    assert shortage(Need(3 * GIB, 5 * GIB), "uv", rooms(99 * GIB, 99 * GIB, GIB)) is None


def test_uv_links_from_its_cache_on_the_same_file_system() -> None:
    assert shortage(Need(3 * GIB, 5 * GIB), "uv", rooms(6 * GIB, 6 * GIB, 6 * GIB, "aaa")) is None
    told = shortage(Need(3 * GIB, 5 * GIB), "uv", rooms(4 * GIB, 6 * GIB, GIB, "abc"))
    assert told is not None
    assert "/environment" in told


def test_places_on_one_device_share_its_space() -> None:
    assert shortage(Need(3 * GIB, 5 * GIB), "pip", rooms(10 * GIB, 10 * GIB, 10 * GIB, "abc")) is None
    assert shortage(Need(3 * GIB, 5 * GIB), "pip", rooms(10 * GIB, 10 * GIB, 10 * GIB, "aaa")) is not None


def test_a_copy_of_the_old_environment_counts() -> None:
    assert needed_by_place(Need(0, GIB, 7 * GIB), "pip", False)["environment"] == 8 * GIB


def test_unknown_free_space_refuses_nothing() -> None:
    assert shortage(Need(GIB, GIB), "pip", rooms(Unknown("no permission"), 9 * GIB, 9 * GIB)) is None
