"""GPU code in libraries: fat binaries and offload bundles, whole and sampled, sound and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envdoctor.system.binary.libzstd import load_libzstd
from envdoctor.system.live import Live
from envdoctor.system.port import GpuCode, Malformed, SourceError
from tests.system.made_libraries import (
    ARCHITECTURE_ONLY,
    CUBIN,
    FAMILY,
    PTX,
    bundle,
    elf_with,
    listed,
    packed_bundle,
    pe_with,
    piece,
    place_in_elf,
    region,
    several,
    wrappers,
)

ORDINARY = region(piece(CUBIN, 80), piece(CUBIN, 90, ARCHITECTURE_ONLY, packed=False), piece(PTX, 90))
STRAY = region(piece(CUBIN, 120, FAMILY), piece(8, 75))


def code_of(tmp_path: Path, data: bytes, whole: bool = True, name: str = "library") -> GpuCode:
    (tmp_path / name).write_bytes(data)
    return Live().gpu_code(str(tmp_path / name), whole)


@pytest.mark.parametrize("machine", [62, 183])
def test_pieces_of_all_regions(tmp_path: Path, machine: int) -> None:
    found = code_of(tmp_path, elf_with({".nv_fatbin": ORDINARY + bytes(24) + STRAY + bytes(8)}, machine))
    assert found == GpuCode(
        counts=(("sm_80", 1), ("sm_90a", 1), ("sm_120f", 1), ("compute_90", 1), ("lto_75", 1)),
        container=".nv_fatbin", entries=5, compressed=4, regions=2, regions_total=2,
    )  # fmt: skip


def test_pieces_that_are_compressed_together(tmp_path: Path) -> None:
    pieces = several(
        listed(CUBIN, 90, 0, 0, 100), listed(CUBIN, 100, FAMILY, 100, 50, bytes(40)), listed(PTX, 120, ARCHITECTURE_ONLY, 150, 8)
    )
    found = code_of(tmp_path, elf_with({".nv_fatbin": region(pieces, piece(CUBIN, 75))}))
    assert found.names == ("sm_75", "sm_90", "sm_100f", "compute_120a")
    assert (found.entries, found.is_whole) == (4, True)


def test_a_list_that_is_not_understood(tmp_path: Path) -> None:
    wrong = several(listed(CUBIN, 90, 0, 0, 100), listed(CUBIN, 100, 0, 4711, 50))
    found = code_of(tmp_path, elf_with({".nv_fatbin": region(wrong)}))
    assert (found.names, found.is_whole, found.unread) == (("sm_90",), False, "a list of pieces was not understood")


def test_a_kind_that_is_not_known(tmp_path: Path) -> None:
    found = code_of(tmp_path, elf_with({".nv_fatbin": region(piece(CUBIN, 80), piece(64, 90))}))
    assert (found.names, found.is_whole, found.unread) == (("sm_80",), False, "pieces of kind 64 are not known")


def test_linked_code_counts_before_relocatable_code(tmp_path: Path) -> None:
    both = elf_with({"__nv_relfatbin": STRAY, ".nv_fatbin": ORDINARY})
    assert code_of(tmp_path, both).names == ("sm_80", "sm_90a", "compute_90")
    assert code_of(tmp_path, elf_with({"__nv_relfatbin": STRAY})).container == "__nv_relfatbin"


def test_windows(tmp_path: Path) -> None:
    found = code_of(tmp_path, pe_with({".text": b"code", ".nv_fatb": ORDINARY}))
    assert (found.container, found.names) == (".nv_fatb", ("sm_80", "sm_90a", "compute_90"))


def test_library_without_gpu_code(tmp_path: Path) -> None:
    assert code_of(tmp_path, elf_with({".text": b"code"})) == GpuCode()


def many_regions(count: int) -> dict[str, bytes]:
    """Regions of which only the last two hold another architecture, with their table."""
    blocks = [ORDINARY] * (count - 2) + [STRAY] * 2
    sections = {".nv_fatbin": b"".join(blocks), ".nvFatBinSegment": b""}
    first = place_in_elf(sections, ".nv_fatbin")
    sections[".nvFatBinSegment"] = wrappers([first + sum(map(len, blocks[:number])) for number in range(count)])
    return sections


def test_a_sample_is_spread_over_the_file(tmp_path: Path) -> None:
    found = code_of(tmp_path, elf_with(many_regions(100)), whole=False)
    assert (found.regions, found.regions_total, found.is_whole) == (12, 100, False)
    assert "sm_120f" in found.names


def test_a_sample_without_a_table_is_of_the_first_regions(tmp_path: Path) -> None:
    sections = many_regions(100)
    del sections[".nvFatBinSegment"]
    found = code_of(tmp_path, elf_with(sections), whole=False)
    assert (found.regions, found.regions_total, found.is_whole) == (12, None, False)
    assert found.names == ("sm_80", "sm_90a", "compute_90")


def test_few_regions_are_all_looked_at(tmp_path: Path) -> None:
    data = elf_with(many_regions(6))
    assert code_of(tmp_path, data, whole=False) == code_of(tmp_path, data)


TARGETS = ("gfx906:sramecc+:xnack-", "gfx90a", "gfx1100")


@pytest.mark.parametrize("pack", [bytes, *(lambda one, version=version: packed_bundle(one, version) for version in (1, 2, 3))])
def test_offload_bundles(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    blocks = [pack(bundle(*TARGETS)), pack(bundle("gfx1201"))]
    found = code_of(tmp_path, elf_with({".hip_fatbin": b"".join(one + bytes(-len(one) % 4096) for one in blocks)}))
    assert found.counts == (("gfx906:sramecc+:xnack-", 1), ("gfx90a", 1), ("gfx1100", 1), ("gfx1201", 1))
    assert (found.container, found.regions, found.compressed) == (".hip_fatbin", 2, 0 if pack is bytes else 4)


def test_bundle_in_a_way_that_is_not_known(tmp_path: Path) -> None:
    found = code_of(tmp_path, elf_with({".hip_fatbin": packed_bundle(bundle("gfx942"), method=7)}))
    assert (found.names, found.is_whole) == ((), False)
    assert "method 7" in found.unread


def test_damaged_packing_is_told(tmp_path: Path) -> None:
    for method in (0, 1) if load_libzstd() else (0,):
        packed = packed_bundle(bundle("gfx942"), method=method, data=b"no such thing at all")
        assert "damaged" in code_of(tmp_path, elf_with({".hip_fatbin": packed})).unread


@pytest.mark.parametrize(
    "data",
    [
        ORDINARY[:-40],
        region(piece(CUBIN, 80)[:4] + (8).to_bytes(4, "little") + piece(CUBIN, 80)[8:]),
    ],
)
def test_damaged_regions(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Malformed):
        code_of(tmp_path, elf_with({".nv_fatbin": data}))


SOUND = (
    elf_with({".text": b"x" * 100, ".nv_fatbin": ORDINARY + bytes(16) + STRAY, ".nvFatBinSegment": wrappers([0x10000 + 168])}),
    elf_with({".nv_fatbin": region(several(listed(CUBIN, 90, 0, 0, 100), listed(PTX, 90, 0, 100, 8, bytes(24))))}),
    elf_with({".hip_fatbin": bundle(*TARGETS) + packed_bundle(bundle("gfx942"))}),
    pe_with({".nv_fatb": ORDINARY, ".nvFatBi": bytes(48)}, ("KERNEL32.dll",)),
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutations(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(SOUND)))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=12)):
        whole[place] = value
    end = data.draw(st.just(len(whole)) | st.integers(0, len(whole)))
    for everything in (True, False):
        try:
            assert isinstance(code_of(tmp_path, bytes(whole[:end]), everything), GpuCode)
        except SourceError:
            continue
