"""Whatever bytes stand in a profile: a Profile, or one line of BadInput; never anything else."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.errors import BadInput
from envdoctor.model.profile import Profile
from envdoctor.profiles.converting import convert
from envdoctor.profiles.extending import read_extended
from envdoctor.profiles.parsing import parse_document
from envdoctor.profiles.understanding import judge_document, understand
from envdoctor.profiles.written import Document
from tests.conftest import REPOSITORY

SHIPPED = sorted((REPOSITORY / "profiles").glob("*.yaml"))
SNIPPETS = (
    b"\x00", b"\xff\xfe", b"\t", b"\r", b"\n", b"&a ", b"*a", b"<<: ", b"!!python/name:os.system ", b"!!binary ", b"!!set ",
    b"2024-01-01", b"1:30:00", b".nan", b"0x1F", b"9" * 400, b"1e999", b"- ", b": ", b"? ", b"| ", b"> ", b"{", b"}", b"[", b"]",
    b"'", b'"', b'"\\ud83d"', b'"\\UFFFFFFFF"', b"%YAML 1.1\n---\n", b"...\n", b"#", b"@", b"`", b"~", b"null", b"yes",
    "\u2028".encode(), "\x85".encode(), "é".encode("latin-1"), b"=", b"\xef\xbb\xbf",
)  # fmt: skip


def error_of(data: bytes) -> str | None:
    """What is said against bytes read as a profile; None where they are one."""
    try:
        file = understand(parse_document(data, "x.yaml"))
    except BadInput as error:
        return str(error)
    assert isinstance(convert(file, "x", "x.yaml"), Profile)
    return None


def read(data: bytes) -> None:
    """Read bytes as a profile; an error must be one printable line that starts with the place."""
    error = error_of(data)
    if error is not None:
        assert error.startswith("x.yaml:"), error
        assert error.isprintable(), repr(error)
        assert len(error) < 1000


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change one to four places: a byte, a stretch cut out, doubled or moved, or a snippet that YAML is touchy about."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(changed) + 1)
        end = min(len(changed), place + chance.randint(1, 30))
        kind = chance.randrange(5)
        if kind == 0:
            changed[place : place + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del changed[place:end]
        elif kind == 2:
            changed[place:place] = changed[place:end]
        elif kind == 3:
            changed[place:place] = chance.choice(SNIPPETS)
        else:
            changed[place:end] = bytes(reversed(changed[place:end]))
    return bytes(changed)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_hundred_mutations_of_each_shipped_profile(path: Path, tmp_path: Path) -> None:
    chance = random.Random(path.stem)
    data = path.read_bytes()
    for number in range(100):
        mutated = mutate(data, chance)
        read(mutated)
        if number % 10 == 0:
            read_whole(mutated, tmp_path / "x.yaml")


def read_whole(data: bytes, path: Path) -> None:
    """The same by way of a file, with what it extends looked for."""
    path.write_bytes(data)
    with suppress(BadInput):
        read_extended(str(path), lambda name: str(REPOSITORY / "profiles" / f"{name}.yaml"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read(data)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("abc:- \n{}[]&*!|>'\"%@`#?,.0123456789~<=\t\\")), max_size=120))
def test_any_text_of_characters_that_yaml_is_touchy_about(text: str) -> None:
    read(b"title: x\n" + text.encode())


KEYS = st.sampled_from(
    ["title", "os", "gpu", "cpu", "ram", "disk", "shm", "python", "packages", "imports", "variables", "tools", "notes", "extends",
     "name", "retired", "backend", "architecture", "cuda", "driver", "unknown"]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
        st.sampled_from([">=1,<2", "16 GiB", "linux", "torch>=2", "*", "nvidia", "cuda12", "x86-64-v3", "x"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=12), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_content_under_the_known_keys(content: dict[str, object]) -> None:
    import yaml

    document = parse_document_or_none(yaml.safe_dump(content, allow_unicode=True).encode("utf-8", "surrogatepass"))
    if document is not None:
        problems, file = judge_document(document)
        assert (file is None) == bool(problems)
        assert all(line.isprintable() for line in problems)


def parse_document_or_none(data: bytes) -> Document | None:
    try:
        return parse_document(data, "x.yaml")
    except BadInput:
        return None
