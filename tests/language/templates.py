"""What the program says, read out of its source: templates of sentences, as the catalogue of a language holds them.

`python -m tests.language.templates [FOLDER ...]` lists those that have no translation yet.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from envdoctor.language.templates import split_sentences
from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "src" / "envdoctor"
NOT_SAID = frozenset(
    ("compile", "evidence", "Evidence", "variable", "NewType", "TypeVar", "getLogger", "import_module", "match", "search")
)
"""Calls whose texts are patterns or names, not sentences."""
SAYING = frozenset(("Unknown", "BadInput", "ValueError", "EnvdoctorError", "Malformed"))
"""Calls whose texts are said to a person."""
WORDS = re.compile(r"[A-Za-z][a-z]+[,;:]? (?:\{\d[^}]*\} ?)?[A-Za-z(]?[a-z]+|[A-Za-z]+ \{|\} [a-z]+")
OPTION = re.compile(r"--?[\w-]+(?: \{\d\})?(?:=\S*)?")
GAP = "\0"


def templates_of(folder: str, said: bool = False) -> dict[str, str]:
    """Every template of a folder or file of the source, with the place where it stands; with `said`, only of SAYING."""
    place = SOURCE / folder
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    found: dict[str, str] = {}
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, text in said_in(tree) if said else texts_of(tree):
            for sentence in split_sentences(text):
                template = numbered(sentence)
                if is_prose(template):
                    found.setdefault(template, f"{path.relative_to(SOURCE).as_posix()}:{line}")
    return found


def said_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts that are given as the reason of an Unknown or an error."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SAYING:
            for argument in node.args:
                yield from _texts(argument, set())


def texts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text that is put together in a module; gaps stand for what is filled in."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    yield from _texts(tree, documentation)


def _texts(node: ast.AST, left_out: set[int]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and _name(node.func) in NOT_SAID:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if _is_text(node):
        if id(node) not in left_out:
            yield from ((node.lineno, text) for text in _forms(node))  # type: ignore[attr-defined]
            for inner in _inner(node):
                yield from _texts(inner, left_out)
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, left_out)


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) and _is_text(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _forms(node: ast.AST) -> list[str]:
    """What a text can be: a gap for what is filled in, each branch of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return _product([_forms(part) for part in node.values])
    if isinstance(node, ast.FormattedValue):
        return _forms(node.value) if _is_text(node.value) else [GAP]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _product([_forms(node.left), _forms(node.right)])
    if isinstance(node, ast.IfExp) and _is_text(node):
        return [*_forms(node.body), *_forms(node.orelse)]
    return [GAP]


def _product(parts: list[list[str]]) -> list[str]:
    whole = [""]
    for forms in parts:
        if len(forms) > 1 and len(whole) * len(forms) > 8:
            forms = [GAP]
        whole = [before + form for before in whole for form in forms]
    return whole


def _inner(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a text and may hold texts itself."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FormattedValue) or not (_is_text(child) or isinstance(child, ast.FormattedValue)):
            yield child
        else:
            yield from _inner(child)


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def numbered(text: str) -> str:
    """A text with its gaps as `{1}`, `{2}`; gaps side by side are one."""
    count = 0

    def place(_found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"{{{count}}}"

    return re.sub(f"{GAP}+", place, text.strip())


def is_prose(template: str) -> bool:
    """Whether it is something that is said: at least two words, or a word and a gap."""
    return (
        bool(WORDS.search(template))
        and "\n" not in template
        and not template.startswith(("http", "/", "-m "))
        and not OPTION.fullmatch(template)
    )


def main(folders: list[str]) -> int:
    """List what is not translated."""
    from envdoctor.language.compiling import read_kind

    known = read_kind(str(SOURCE / "language" / "data" / "zh"), "messages")
    for folder in folders or ["rules", "render"]:
        for template, place in templates_of(folder).items():
            if template not in known:
                print(f"{place}\t{template}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
