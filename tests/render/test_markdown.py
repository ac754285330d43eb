"""Markdown, read back by a Markdown parser: what was found on a machine is shown and takes no effect."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from envdoctor.model.facts import Subject
from envdoctor.model.findings import Evidence, Finding, Fix
from envdoctor.model.record import replace
from envdoctor.model.unknown import Undecided
from envdoctor.render.layout import clean
from envdoctor.render.markdown import render_markdown
from envdoctor.render.markdown_text import block, code, escaped, one_line, table
from tests.render.samples import FACTS, HEALTHY, a_report, a_rule

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKS = st.sampled_from("`~*_#[]()<>|&;:!@$\\-+=.0123 \n\t\"'/abé\x00\x1b\u202e\ud800")
anything = st.text(st.characters()) | st.text(MARKS, max_size=30)


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or []]


def blocks(text: str) -> list[str]:
    return [token.type for token in READER.parse(text)]


def test_it_looks_as_it_should() -> None:
    shown = render_markdown(a_report())
    assert shown.startswith("## envdoctor check: this machine\n\n**✗ 2 errors, 1 warning and 1 remark: 2 rules passed")
    assert "\n| errors | warnings | remarks | passed | did not apply | undecided | crashed |\n" in shown
    assert "\n### ✗ The NVIDIA driver is too old for torch 2.9.1+cu128\n\nerror `driver-too-old`\n" in shown
    assert "\n- `driver.version = 470.82.01` from NVML\n" in shown
    assert (
        "\n**Fix:** Install a driver of branch 580.\nThen restart.\n\n```sh\nsudo apt install nvidia-driver-580\n```\n" in shown
    )
    assert "\nThis explains `framework-cannot-use-gpu`.\n" in shown
    assert "\nwarning `container-shm-too-small` (likely)\n" in shown
    assert "\n- NVML: no permission: `fabric-manager`, `gpu-hardware`\n" in shown
    assert "\n| Driver | NVIDIA 470.82.01, runs CUDA up to 11.4 |\n" in shown
    assert shown.endswith("\n\n</details>\n")


def test_every_fact_is_folded_in_where_it_was_asked_for() -> None:
    plain, whole = render_markdown(a_report()), render_markdown(a_report(), facts=True)
    assert (plain.count("<details>"), whole.count("<details>")) == (1, 2)
    (fence,) = [token for token in READER.parse(whole) if token.type == "fence" and token.info == "json"]
    assert '"prefix": "/home/me/project/.venv"' in fence.content


def test_a_healthy_machine_and_a_crash() -> None:
    assert "**✓ The environment is fine: 2 rules passed" in render_markdown(a_report(HEALTHY))
    crashed = render_markdown(a_report((a_rule("numpy2-abi", end=KeyError("x")),)))
    assert "- the rule crashed: KeyError" in crashed
    assert "A rule that crashes is a bug of envdoctor" in crashed


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("torch 2.9.1+cu128 (CUDA 12.8)", "torch 2.9.1+cu128 (CUDA 12.8)"),
        ("torch.cuda.is_available()", "torch.cuda.is_available()"),
        ("_x_ *y*", r"\_x\_ \*y\*"),
        ("</details><b>&amp;", r"\</details>\<b>&amp;amp;"),
        ("ask @octocat about #12 and GH-7", "ask @&#8203;octocat about #&#8203;12 and GH&#8203;-7"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("> no quotation, >=3", r"\> no quotation, >=3"),
        ("- no list", r"\- no list"),
        ("a | b\n\n`c` ~d~ $e$", r"a \| b \`c\` \~d\~ \$e\$"),
        ("![x](http://a)", r"!\[x\](http://a)"),
        ("bell\x07 \u202eback", "bell? ?back"),
    ],
)  # fmt: skip
def test_escaping(text: str, written: str) -> None:
    assert escaped(text) == written


@settings(max_examples=400, deadline=None)
@given(anything)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    written = escaped(text)
    for before, after in (("", ""), ("### ", ""), ("- ", ""), ("Fix: ", " and more")):
        tokens = READER.parse(f"{before}{written}{after}")
        assert {token.type for token in inline(tokens)} <= {"text", "text_special"}
        shown = "".join(token.content for token in inline(tokens)).replace("\u200b", "")
        kept = one_line(text)
        assert shown == f"{before if before == 'Fix: ' else ''}{kept}{after}".strip() or not kept


@settings(max_examples=400, deadline=None)
@given(anything)
def test_code_is_shown_as_it_is(text: str) -> None:
    tokens = inline(READER.parse(f"- a {code(text)} b"))
    if one_line(text):
        assert [token.type for token in tokens] == ["text", "code_inline", "text"]
        assert tokens[1].content == one_line(text)


@settings(max_examples=400, deadline=None)
@given(anything)
def test_blocks_hold(text: str) -> None:
    tokens = READER.parse(f"before\n\n{block(text, 'sh')}\n\nafter")
    (fence,) = [token for token in tokens if token.type == "fence"]
    assert fence.content.rstrip("\n") == "\n".join(clean(line) for line in text.split("\n")).rstrip("\n")
    assert inline(tokens)[-1].content == "after"


@pytest.mark.parametrize("text", ["a\n```\nb", "````", "a\n   ``````\n```\n", "~~~", "</details>"])
def test_fences_inside_a_block_do_not_end_it(text: str) -> None:
    (fence,) = READER.parse(block(text))
    assert (fence.type, fence.content.rstrip("\n")) == ("fence", text.rstrip("\n"))


@settings(max_examples=200, deadline=None)
@given(anything, anything)
def test_cells_hold(text: str, other: str) -> None:
    tokens = READER.parse(table([("name", "value"), (escaped(text), escaped(other)), ("last", "cell")]))
    assert sum(token.type == "td_open" for token in tokens) == 4
    assert {token.type for token in inline(tokens)} <= {"text", "text_special"}


@settings(max_examples=200, deadline=None)
@given(anything, anything)
def test_nothing_breaks_out_of_a_report(text: str, other: str) -> None:
    def shown(one: str, two: str) -> str:
        fix = Fix(f"x{one}", commands=((f"x{one}", two),), text=f"y{two}")
        finding = Finding(f"x{one}", f"x{two}", (Evidence(f"x{one}", two, f"x{one}"),), (fix,))
        rules = (a_rule("found", finding), a_rule("untold", end=Undecided(f"x{one}")))
        facts = replace(FACTS, subject=Subject("report", f"x{one}"))
        return render_markdown(a_report(rules, facts, profile=f"x{two}"), facts=True)

    hostile = shown(text, other)
    assert blocks(hostile) == blocks(shown("plain", "plain"))
    tags = [token.content for token in READER.parse(hostile) if token.type == "html_block"]
    assert [re.sub(r"\s+", "", tag) for tag in tags] == [
        "<details><summary>Whatwaslookedat</summary>", "</details>", "<details><summary>Everyfact</summary>", "</details>",
    ]  # fmt: skip
    assert not [token for token in inline(READER.parse(hostile)) if token.type in {"html_inline", "link_open", "image"}]
