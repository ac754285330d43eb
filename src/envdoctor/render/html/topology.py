"""The picture of the machine as HTML: nodes as boxes with a list of their devices, links as tables that read aloud well."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Facts
from envdoctor.render.html.elements import Markup, element
from envdoctor.render.topology.devices import Device
from envdoctor.render.topology.links import MOST_DEVICES, Table, cell, legend, paths_of, tables, total_words
from envdoctor.render.topology.picture import Box, gathered, picture_of
from envdoctor.render.topology.text import notes

_KINDS = {"gpu": "GPU", "nic": "network", "disk": "disk"}


def topology_parts(facts: Facts) -> Iterator[Markup]:
    """Boxes and tables; nothing for a machine of which no device is placed and no node known apart."""
    picture = picture_of(facts)
    if len(picture.boxes) > 1 or any(box.devices for box in picture.boxes):
        yield element("div", *map(_box, picture.boxes), class_="boxes nodes")
        yield from (element("p", note, class_="quiet") for note in notes(facts, picture.left_out))
    paths = paths_of(facts)
    found = tables(paths)
    for table in found:
        yield _table(paths, table)
    told = legend(paths, found)
    if told:
        pairs = (element("li", element("code", word), f" {meaning}") for word, meaning in told)
        yield element("ul", *pairs, class_="quiet legend", aria_label="What the words for links mean")


def _box(box: Box) -> Markup:
    about = ", ".join(filter(None, (box.processors.replace(",", ", "), box.memory)))
    devices = [_device(device) for device in gathered(box.devices)]
    return element(
        "div",
        element("h3", box.title),
        element("p", about, class_="quiet") if about else None,
        element("ul", *devices, class_="devices") if devices else None,
        class_="box",
    )


def _device(device: Device) -> Markup:
    return element(
        "li",
        element("b", device.name, class_=device.kind, title=_KINDS[device.kind]),
        f" {device.words}",
        element("span", f", {device.link}", class_="fault" if device.is_slow else "quiet") if device.link else None,
    )


def _table(paths: dict[frozenset[str], str], table: Table) -> Markup:
    title, rows, columns = table
    if len(rows) > MOST_DEVICES or len(columns) > MOST_DEVICES:
        return element("p", f"{title}: {total_words(paths, rows, columns)}")
    head = element("tr", element("td"), *(element("th", name, scope="col") for name in columns))
    body = (
        element("tr", element("th", row, scope="row"), *(element("td", cell(paths, row, column)) for column in columns))
        for row in rows
    )
    drawn = element("table", element("caption", title), element("thead", head), element("tbody", *body), class_="links")
    return element("div", drawn, class_="wide", role="region", aria_label=title, tabindex="0")
