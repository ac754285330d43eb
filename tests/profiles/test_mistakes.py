"""Every mistake that people make in a profile: one line with file, line, key, and what was probably meant."""

from __future__ import annotations

import pytest

from envdoctor.errors import EXIT_BAD_INPUT, BadInput
from envdoctor.profiles.parsing import parse_document
from envdoctor.profiles.understanding import judge_document, understand

MISTAKES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "lab.yaml:1: the file is empty; a profile needs at least `title:`"),
    ("comments only", b"# nothing\n", "lab.yaml:1: the file is empty; a profile needs at least `title:`"),
    ("no title", b"ram: 4 GiB\n", "lab.yaml:1: title: this key is missing"),
    ("title mistyped", b"titel: x\n", "lab.yaml:1: titel: unknown key; did you mean title?"),
    ("not UTF-8", b"title: x\n# caf\xe9\n", "lab.yaml:2: not UTF-8 text (byte 0xe9); save the file as UTF-8"),
    ("NUL", b"title: x\nram: \x00\n", "lab.yaml:2: the character U+0000 cannot stand in YAML"),
    ("a list", b"- torch\n", "lab.yaml:1: a profile is a mapping: `title: ...`, `packages: ...`"),
    ("two documents", b"title: x\n---\ntitle: y\n", "lab.yaml:2: not YAML: but found another document"),
    ("a tab", b"title: x\n\tram: 4 GiB\n",
     "lab.yaml:2: not YAML: found character '\\t' that cannot start any token; indent with spaces, not tabs"),
    ("bare range", b"title: x\ndriver: >=525\n",
     "lab.yaml:2: not YAML: expected chomping or indentation indicators, but found '='; put a range in quotes: \">=525\""),
    ("bare star", b"title: x\nvariables: {HF_HOME: *}\n",
     "lab.yaml:2: not YAML: expected alphabetic or numeric character, but found '}'; put a star in quotes: \"*\""),
    ("twice", b"title: x\nram: 4 GiB\nram: 8 GiB\n", "lab.yaml:3: ram: the key stands twice, first on line 2"),
    ("twice, deep", b"title: x\ngpu:\n  count: '>=1'\n  count: '>=2'\n",
     "lab.yaml:4: gpu.count: the key stands twice, first on line 3"),
    ("merge key", b"title: x\n<<: {ram: 4 GiB}\n", "lab.yaml:2: merge keys (<<) are not allowed; use `extends`"),
    ("Python tag", b"title: !!python/object/apply:os.system [ls]\n",
     "lab.yaml:1: title: the tag '!!python/object/apply:os.system' is not allowed in a profile"),
    ("own tag", b"title: x\nram: !size 4\n", "lab.yaml:2: ram: the tag '!size' is not allowed in a profile"),
    ("number as key", b"title: x\nvariables: {1: a}\n", "lab.yaml:2: variables: the key '1' is no text; put it in quotes"),
    ("date as key", b"2024-01-01: x\n", "lab.yaml:1: the key '2024-01-01' is no text; put it in quotes"),
    ("surrogate", b'title: "\\ud800"\n', "lab.yaml:1: title: a lone surrogate escape (\\uD800 to \\uDFFF) is no character"),
    ("impossible escape", b'title: "\\U00110000"\n', "lab.yaml:1: not YAML: chr() arg not in range(0x110000)"),
    ("holds itself", b"title: x\nnotes: &a [*a]\n",
     "lab.yaml:2: notes[0][0]: more than 4000 values, or an alias that holds itself"),
    ("deep", b"[" * 20000, "lab.yaml:1: nested more than 12 levels deep"),
    ("float", b"title: x\npython: 3.10\n",
     'lab.yaml:2: python: quote it and say how to compare, like ">=3.10": 3.10 is the number 3.1 in YAML'),
    ("integer", b"title: x\ndriver: 525\n", 'lab.yaml:2: driver: quote it and say how to compare, like ">=525"'),
    ("version, no range", b"title: x\npython: '3.10'\n",
     "lab.yaml:2: python: '3.10' is a version, not a range; write \">=3.10\" or \"==3.10.*\""),
    ("no range", b"title: x\ncuda: new\n", "lab.yaml:2: cuda: 'new' is not a range; write one like \">=2.1,<3\""),
    ("arbitrary equality", b"title: x\ncuda: '===12'\n", "lab.yaml:2: cuda: '===12' is not a range; write one like \">=2.1,<3\""),
    ("size without unit", b"title: x\nram: 16\n", "lab.yaml:2: ram: write the unit: 16 GiB, MiB, GB or MB"),
    ("size as text", b"title: x\nshm: '16'\n", "lab.yaml:2: shm: '16' is not a size; write the unit, like 16 GiB"),
    ("size in words", b"title: x\ndisk: {free: lots}\n",
     "lab.yaml:2: disk.free: 'lots' is not a size; write it like 16 GiB or 500 MB"),
    ("unknown word", b"title: x\nos: windos\n",
     "lab.yaml:2: os: 'windos' is not known here; did you mean windows? known: linux, windows, macos"),
    ("unknown vendor", b"title: x\ngpu: {vendor: nvida}\n",
     "lab.yaml:2: gpu.vendor: 'nvida' is not known here; did you mean nvidia? known: nvidia, amd, intel, apple, none"),
    ("unknown build", b"title: x\npackages:\n- {requirement: torch, build: cuda14}\n",
     "lab.yaml:3: packages[0].build: 'cuda14' is not known here; did you mean cuda13? "
     "known: cuda11, cuda12, cuda13, rocm, cpu, mps, tpu"),
    ("key of another part", b"title: x\nmemory: 16 GiB\n", "lab.yaml:2: memory: unknown key here; did you mean gpu.memory?"),
    ("key of the top", b"title: x\ngpu:\n  driver: '>=525'\n",
     "lab.yaml:3: gpu.driver: unknown key here; did you mean driver at the outermost level?"),
    ("nothing near", b"title: x\nos: {zzz: 1}\n",
     "lab.yaml:2: os.zzz: unknown key; known here: system, distribution, version"),
    ("a figure without a comparison", b"title: x\ndisk: {read_mb_per_s: '1000'}\n",
     "lab.yaml:2: disk.read_mb_per_s: '1000' is no bound on a number; write one like \">=1000\""),
    ("a figure without quotes", b"title: x\ndisk: {read_mb_per_s: 1000}\n",
     "lab.yaml:2: disk.read_mb_per_s: quote it and say how to compare, like \">=1000\""),
    ("not a requirement", b"title: x\npackages: ['torch=>2']\n",
     "lab.yaml:2: packages[0]: 'torch=>2' is no requirement; write one like \"torch>=2.1,<3\""),
    ("a URL", b"title: x\npackages:\n- numpy @ https://example.org/n.whl\n",
     "lab.yaml:3: packages[0]: 'numpy @ https://example.org/n.whl' names a URL; a profile names packages, "
     "and the plan finds where to get them"),
    ("no requirement", b"title: x\npackages:\n- {build: cpu}\n", "lab.yaml:3: packages[0].requirement: this key is missing"),
    ("package twice", b"title: x\npackages:\n- Foo.Bar\n- foo_bar>=2\n",
     "lab.yaml:4: packages[1]: foo-bar stands twice, first on line 3"),
    ("packages as text", b"title: x\npackages: torch\n", "lab.yaml:2: packages: a list is wanted, not text"),
    ("mapping for a list", b"title: x\nextends: {a: b}\n", "lab.yaml:2: extends: a list is wanted, not a mapping"),
    ("text for a mapping", b"title: x\ngpu: nvidia\n", "lab.yaml:2: gpu: a mapping is wanted, not text"),
    ("list for text", b"title: [x]\n", "lab.yaml:1: title: text is wanted, not a list"),
    ("yes for text", b"title: x\nvariables: {A: on}\n",
     "lab.yaml:2: variables.A: quote it: yes, no, on, off, true and false without quotes are no text in YAML"),
    ("number for text", b"title: x\nvariables: {A: 1}\n",
     "lab.yaml:2: variables.A: quote it: 1 without quotes is a number in YAML, and text is wanted"),
    ("text for a flag", b"title: x\npackages:\n- {requirement: torch, optional: maybe}\n",
     "lab.yaml:3: packages[0].optional: true or false is wanted, not text"),
    ("bad variable", b"title: x\nvariables: {A B: x}\n",
     "lab.yaml:2: variables.A B: 'A B' is no name of an environment variable"),
    ("bad tool", b"title: x\ntools: {../sh: '*'}\n", "lab.yaml:2: tools.../sh: '../sh' is no name of a program"),
    ("bad module", b"title: x\nimports: ['os; rm']\n", "lab.yaml:2: imports[0]: 'os; rm' is no module name"),
    ("bad level", b"title: x\ncpu: {level: 5}\n",
     "lab.yaml:2: cpu.level: '5' is no level; known: x86-64-v1, x86-64-v2, x86-64-v3, x86-64-v4"),
    ("other name", b"title: x\nname: other\n",
     "lab.yaml:2: name: the file is called 'lab', and a profile has the name of its file"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "line"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_mistake(data: bytes, line: str) -> None:
    with pytest.raises(BadInput) as caught:
        understand(parse_document(data, "lab.yaml"))
    assert str(caught.value) == line
    assert caught.value.exit_code == EXIT_BAD_INPUT


def test_all_problems_are_found_in_the_order_of_lines() -> None:
    data = b"titel: x\nram: 16\npackages:\n- torch\n- numpy=>1\nos: windos\n"
    problems, file = judge_document(parse_document(data, "lab.yaml"))
    assert file is None
    assert [line.split(": ")[0] for line in problems] == ["lab.yaml:1", "lab.yaml:2", "lab.yaml:5", "lab.yaml:6"]


def test_the_first_of_several_problems_says_how_to_see_the_others() -> None:
    with pytest.raises(BadInput, match=r"titel.*\(and 1 more: envdoctor profiles validate FILE\)$"):
        understand(parse_document(b"title: x\ntitel: x\nrum: 1\n", "lab.yaml"))


def test_hostile_text_is_shown_in_one_short_printable_line() -> None:
    data = b'title: x\npython: "' + b"\\n\\e[31m" * 500 + b'"\n'
    with pytest.raises(BadInput) as caught:
        understand(parse_document(data, "lab.yaml"))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_an_alias_bomb_is_refused_quickly() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(BadInput, match="more than 4000 values"):
        parse_document(f"title: x\nl0: &l0 [a]\n{levels}".encode(), "lab.yaml")


def test_plain_aliases_are_fine() -> None:
    document = parse_document(b"title: &t one\ndescription: *t\nnotes: [*t]\n", "lab.yaml")
    file = understand(document)
    assert (file.description, file.notes) == ("one", ["one"])
