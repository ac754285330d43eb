"""The picture of the machine in the HTML report."""

from __future__ import annotations

import re

import pytest

from envdoctor.model.facts import Facts, Subject
from envdoctor.render.html.topology import topology_parts
from tests.render.drawn import MACHINES, h100, mi300x, workstation


def _html(facts: Facts) -> str:
    return "".join(topology_parts(facts))


def test_nodes_devices_and_links() -> None:
    html = _html(h100())
    assert html.count("<h3>") == 2
    assert len(re.findall(r"<li><b class=\"gpu\"", html)) == 8
    assert html.count("<caption>") == 2
    assert html.count("<td>NV18</td>") == 56
    assert "<code>NV18</code> over 18 NVLinks" in html


def test_a_slow_link_is_marked() -> None:
    assert '<span class="fault">, PCIe 1.0 x8 of 4.0 x16</span>' in _html(workstation())


def test_tables_can_be_reached_by_keyboard_and_have_names() -> None:
    html = _html(workstation())
    assert html.count('role="region"') == html.count('tabindex="0"') == html.count('aria-label="GPUs ') == 2


def test_many_partitions_are_one_line() -> None:
    assert "32 x AMD Instinct MI300X" in _html(mi300x(8))


def test_nothing_known_draws_nothing() -> None:
    assert _html(Facts(Subject("image", "x"))) == ""


@pytest.mark.parametrize("name", MACHINES)
def test_elements_close(name: str) -> None:
    html = _html(MACHINES[name]())
    for tag in ("div", "ul", "li", "table", "tr", "td", "th", "p", "span"):
        assert len(re.findall(rf"<{tag}[ >]", html)) == html.count(f"</{tag}>"), tag
