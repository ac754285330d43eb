"""Laws over the peaks of GPUs: figures follow from what a chip is made of, and precisions stand in the ratios of their kind."""

from __future__ import annotations

from typing import Any

import pytest

from envdoctor.knowledge.loading import load_knowledge

TABLE: dict[str, Any] = load_knowledge().tables["peaks"]["gpus"]
ROWS: list[dict[str, Any]] = TABLE["rows"]
MADE = [row for row in ROWS if "made" in row]
CLOSE = 0.015
"""Makers round clocks and figures."""
BANDWIDTH_CLOSE = 0.025
"""8 TB/s is said of 8.19 and of 7.99."""


def _name(row: dict[str, Any]) -> str:
    return str(row["names"][0])


def _is_geforce(row: dict[str, Any]) -> bool:
    return "GeForce" in _name(row)


@pytest.mark.parametrize("row", MADE, ids=_name)
def test_matrix_products_are_units_times_operations_times_clock(row: dict[str, Any]) -> None:
    made, tflops = row["made"], row["tflops"]
    plain = made["units"] * made["fp32"] * made["mhz"] / 1e6
    matrix = made["units"] * made["fp16"] * made.get("matrix_mhz", made["mhz"]) / 1e6
    assert plain == pytest.approx(tflops["fp32"], rel=CLOSE)
    assert matrix == pytest.approx(tflops["fp16"], rel=CLOSE)


@pytest.mark.parametrize("row", MADE, ids=_name)
def test_bandwidth_is_width_times_rate(row: dict[str, Any]) -> None:
    assert row["made"]["bits"] * row["made"]["gbit"] / 8 == pytest.approx(row["gb_per_s"], rel=BANDWIDTH_CLOSE)


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_precisions_stand_in_their_ratios(row: dict[str, Any]) -> None:
    tflops = row["tflops"]
    if "bf16" in tflops and "MI100" not in _name(row):
        assert tflops["bf16"] == tflops["fp16"]
    if "tf32" in tflops:
        assert 2 * tflops["tf32"] == pytest.approx(tflops["bf16"], rel=0.02)
    if "fp8" in tflops:
        assert tflops["fp8"] == pytest.approx(2 * tflops["bf16"], rel=0.015)
    if "fp64" in tflops and "fp32" in tflops:
        assert tflops["fp64"] <= tflops["fp32"]


@pytest.mark.parametrize("row", [row for row in MADE if _is_geforce(row)], ids=_name)
def test_geforce_cards_accumulate_in_fp32_at_half_rate(row: dict[str, Any]) -> None:
    """512 operations of a multiprocessor in a cycle, where the same chip on a workstation card has 1024."""
    assert row["made"]["fp16"] == 512


def test_what_the_figures_are() -> None:
    assert (TABLE["sparsity"], TABLE["accumulate"]) == ("none", "fp32")


@pytest.mark.parametrize("row", ROWS, ids=_name)
def test_every_row_says_who_has_the_same_figure(row: dict[str, Any]) -> None:
    assert row["source"]
    assert ("seen" in row) is not row.get("unverified", False)
    assert set(row.get("seen", ())) <= set(TABLE["tables"])
    assert "made" in row or "seen" in row, "neither seen nor derived"


def test_most_rows_are_checked() -> None:
    assert sum("seen" in row for row in ROWS) >= 0.7 * len(ROWS)
    names = [name for row in ROWS for name in row["names"]]
    assert len(names) == len(set(names))
