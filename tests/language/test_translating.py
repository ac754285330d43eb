"""Finished English sentences become Chinese ones; what is not known stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.language.choosing import language_of_locale
from envdoctor.language.lines import translated_lines
from envdoctor.language.markdown import translated_html, translated_markdown
from envdoctor.language.translating import load_catalogue, make_catalogue, translate
from envdoctor.render.layout import Line, cell_width
from envdoctor.render.paint import paint

ZH = load_catalogue("zh")
SMALL = make_catalogue(
    {
        "{1} is too old for {2}": "{1} 对 {2} 来说太旧",
        "Fix: ": "修复：",
        "the driver": "驱动",
        "It needs {1} packages.": "它需要 {1#} 个包。",
        "Memory": "内存",
        "{1} on {2}": "{2} 上的 {1}",
        "{1} over {2}": "{2} 上方的 {1}",
        "{1} is none of {2}; {3}": "{1} 不是 {2=} 之一；{3}",
    }
)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("torch 2.1 is too old for numpy 2", "torch 2.1 对 numpy 2 来说太旧"),
        ("The driver is too old for CUDA 12. It needs 3 packages.", "驱动对 CUDA 12 来说太旧。它需要 3 个包。"),
        ("It needs many packages.", "It needs many packages."),
        ("Nothing of the kind.", "Nothing of the kind."),
        ("the driver, torch and numpy", "驱动、torch 和 numpy"),
        ("Fix: ", "修复："),
        ("the driver (the driver)", "驱动（驱动）"),
        ("FILE:3: the driver; do this", "FILE:3：驱动；do this"),
        ("FILE: memory: the driver", "FILE: memory：驱动"),
        (
            "It says 'the driver is gone; torch is too old for numpy'. It needs 3 packages.",
            "It says 'the driver is gone; torch is too old for numpy'. 它需要 3 个包。",
        ),
        ("it goes over all of them", "it goes over all of them"),
        ("pip on that machine is of no use", "pip on that machine is of no use"),
        ("pip on PATH", "PATH 上的 pip"),
        ("'xml' is none of the driver, b; go on", "'xml' 不是 the driver, b 之一；go on"),
        ("", ""),
        ("/home/用户/venv is too old for it", "/home/用户/venv 对 it 来说太旧"),
    ],
)
def test_sentences(english: str, chinese: str) -> None:
    assert translate(english, SMALL) == chinese


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_answered_and_keeps_its_outer_space(text: str) -> None:
    told = translate(text, ZH)
    assert bool(told.strip()) == bool(text.strip())


def test_a_hostile_text_is_not_slow() -> None:
    text = "a is too old for b and " * 2000
    assert translate(text, ZH)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "zh"),
        ({"LANGUAGE": "zh_CN"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_chooses(variables: dict[str, str], language: str) -> None:
    assert language_of_locale(variables) == language


def test_labels_keep_their_column_and_commands_their_text() -> None:
    lines = [Line((("23 GiB", ""),), lead=("Memory       ", "dim")), Line((("the driver", "command"),), whole=True)]
    label, command = translated_lines(lines, SMALL)
    assert label.lead[0].startswith("内存")
    assert cell_width(label.lead[0]) == 13
    assert command == lines[1]


def test_chinese_is_broken_to_a_width_and_not_before_a_full_stop() -> None:
    text = "驱动太旧，无法启动这块 GPU。请安装 525.60.13 或更新的驱动（见文档），然后重启机器。" * 3
    rows = paint([Line(((text, ""),), indent=2)], 40, color=False).splitlines()
    assert all(cell_width(row) <= 40 for row in rows)
    assert not any(row.lstrip()[0] in "，。、）：" for row in rows)
    assert "".join(row.strip() for row in rows).replace(" ", "") == text.replace(" ", "")
    assert min(map(cell_width, rows[:-1])) > 30


def test_markdown_and_html_keep_code_and_addresses() -> None:
    assert translated_markdown("## Memory\n\n```\nMemory\n```", SMALL) == "## 内存\n\n```\nMemory\n```"
    page = '<html lang="en"><h2 aria-label="Memory">Memory</h2><code>Memory</code><script>Memory</script></html>'
    told = '<html lang="zh"><h2 aria-label="内存">内存</h2><code>Memory</code><script>Memory</script></html>'
    assert translated_html(page, SMALL, "zh") == told
    assert translated_html("<p>&lt;b&gt; is too old for x</p>", SMALL, "zh") == "<p>&lt;b&gt; 对 x 来说太旧</p>"
