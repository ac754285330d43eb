"""Lock files: what is understood, and what is refused with the place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.errors import BadInput
from envdoctor.install.locked import Locked, lines_of, parse_locked, that_apply

A, B = "a" * 64, "b" * 64
REQUIREMENTS = f"""# jax-cpu: made by envdoctor plan --format requirements
# Python 3.11.7; pip install --require-hashes -r FILE
--index-url https://mirror/simple
--find-links /wheels
numpy==2.4.6 \\
    --hash=sha256:{A} \\
    --hash=sha256:{B}
Torch===2.9.1 --hash=sha256:{A}  # the plain build
pywin32==3 ; sys_platform == "win32" --hash=sha256:{B}
"""
LOCK = f"""lock-version = "1.0"
created-by = "another tool"
requires-python = "==3.12.*"

[[packages]]
name = "numpy"
version = "2.4.6"
index = "https://mirror/simple"
wheels = [{{ url = "https://files/numpy.whl", size = 9, hashes = {{ sha256 = "{A}" }} }}, {{ url = "https://files/n2.whl", hashes = {{ sha256 = "{B}" }} }}]

[tool.envdoctor]
profile = "jax-cpu"
"""  # noqa: E501
PLAN = {
    "schema": "envdoctor.plan/1", "profile": "jax-cpu", "refused": None, "python": "3.11.7",
    "steps": [{"action": "install-packages", "pins": ["numpy===2.4.6"], "extra_indexes": ["https://x/cpu"]}],
    "downloads": [
        {"name": "numpy", "version": "2.4.6", "size_bytes": {"unknown": "?"},
         "files": [{"url": "https://files/n.whl", "sha256": A}]},
    ],
}  # fmt: skip


def test_requirements_with_hashes() -> None:
    locked = parse_locked(REQUIREMENTS, "r.txt")
    assert (locked.profile, locked.python, locked.index_url) == ("jax-cpu", "3.11", "https://mirror/simple")
    assert locked.find_links == ("/wheels",)
    assert [(one.name, one.version, one.sha256) for one in locked.packages[:2]] == [
        ("numpy", "2.4.6", (A, B)), ("torch", "2.9.1", (A,)),
    ]  # fmt: skip
    kept = tuple(that_apply(locked, {"sys_platform": "linux"}))
    assert [one.name for one in kept] == ["numpy", "torch"]
    assert lines_of(kept).splitlines()[3].startswith("Torch===2.9.1 \\")


def test_a_lock_of_another_tool() -> None:
    locked = parse_locked(LOCK, "pylock.toml")
    assert (locked.profile, locked.python, locked.extra_index_urls) == ("jax-cpu", "3.12", ("https://mirror/simple",))
    assert locked.packages[0].sha256 == (A, B)
    assert locked.packages[0].urls[0] == "https://files/numpy.whl"


def test_our_own_plan() -> None:
    locked = parse_locked(json.dumps(PLAN), "plan.json")
    assert locked.packages[0].pin == "numpy===2.4.6"
    assert locked.extra_index_urls == ("https://x/cpu",)


def test_what_is_emitted_is_read_again() -> None:
    locked = parse_locked(REQUIREMENTS, "r.txt")
    again = parse_locked(lines_of(locked.packages[:2]), "again.txt")
    assert [(one.name, one.version, one.sha256) for one in again.packages] == [
        (one.name, one.version, one.sha256) for one in locked.packages[:2]
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("numpy==2.4.6\n", "f:1: numpy has no sha256 hash"),
        (f"six==1 --hash=sha256:{A}\nnumpy>=2 --hash=sha256:{A}\n", "f:2: 'numpy>=2' does not say one version"),
        (f"numpy==2.* --hash=sha256:{A}", "does not say one version"),
        ("numpy==2 --hash=md5:00", "no sha256 hash"),
        ("-e .\n", "f:1: -e has no place in a lock"),
        ("!!", "is no requirement"),
        ("", "locks no packages"),
        ('{"schema": "envdoctor.report/1"}', "no plan of envdoctor"),
        ('{"schema": "envdoctor.plan/1", "refused": {}, "downloads": 3}', "not a plan that can be read"),
        ('lock-version = "2.0"\ncreated-by = "x"\n', "newer than this envdoctor"),
        ('lock-version = "1.0"\n[[packages]]\nname = "x"\nversion = "1"\n', "x has no file with a sha256 hash"),
        ("lock-version = [", "not a lock of PEP 751"),
    ],
)  # fmt: skip
def test_what_locks_nothing_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_locked(text, "f")
    assert words in str(caught.value)


@given(st.one_of(st.text(max_size=200), st.builds(lambda text: f'lock-version = "1.0"\n{text}', st.text(max_size=100))))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_lock_or_bad_input(text: str) -> None:
    try:
        found = parse_locked(text, "f")
    except BadInput:
        return
    assert isinstance(found, Locked)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    ["downloads", "steps", "action", "pins", "files", "name", "version", "sha256", "size_bytes", "url"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
@settings(max_examples=100, deadline=None)
def test_any_document_is_a_plan_or_bad_input(inner: object) -> None:
    content = inner if isinstance(inner, dict) else {"downloads": inner, "steps": inner}
    with pytest.raises(BadInput):
        parse_locked(json.dumps({"schema": "envdoctor.plan/1", **content}), "f")
