"""Learns which words of a report go with which cause: `python docs/make_likeness.py FOLDER...`, with scikit-learn installed.

A FOLDER holds labelled reports: NAME/report.txt, and NAME/label.yaml with `cause` (the name of a rule, or `healthy` or
`oom-not-env` where the environment was fine), `causes_also` and `source`. Reports with one source count once.
Writes src/envdoctor/knowledge/likeness.json, and prints how often the cause of a report that was not learned from is named
first and among three.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import KFold
from sklearn.svm import LinearSVC

from envdoctor.knowledge.likeness import PATH, Weights, find_likeness, words_of
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.reports.cleaning import clean_lines

HEALTHY = {"healthy", "oom-not-env"}
LEAST_REPORTS = 3
"""A word of fewer reports, and a cause of fewer, is not learned: a name, or chance."""
LONGEST_WORD = 24
LEAST_WEIGHT = 0.1
UNIT = 0.05
MARGIN = 0.1


class Labelled(NamedTuple):
    """A report with its cause."""

    lines: tuple[str, ...]
    words: list[str]
    cause: str
    also: frozenset[str]


def main(folders: list[str]) -> None:
    """Learn, measure, write."""
    reports = read_reports(folders)
    first, three, said, healthy = measure(reports)
    weights = learn(reports)
    document = {
        "checked": time.strftime("%Y-%m-%d"),
        "source": "public problem reports, labelled with the cause that their thread came to; docs/make_likeness.py",
        "reports": len(reports),
        "measured": {"problems": said, "named_first": first, "named_among_three": three, "healthy_suggested": healthy},
        "causes": list(weights.causes),
        "bias": list(weights.bias),
        "unit": weights.unit,
        "margin": weights.margin,
        "words": dict(weights.words),
    }
    Path(PATH).write_text(one_line_a_word(document), encoding="utf-8")
    print(f"{len(reports)} reports, {len(weights.words)} words; of {said} problems {first} first, {three} among three")


def read_reports(folders: list[str]) -> list[Labelled]:
    """All of them that say what the cause was, each source once."""
    causes = set(load_knowledge().tables["messages"]["texts"]) | HEALTHY
    seen: set[str] = set()
    found = []
    for label_file in sorted(path for folder in folders for path in Path(folder).glob("**/label.yaml")):
        label = yaml.safe_load(label_file.read_text(encoding="utf-8"))
        source = f"{label.get('source') or label_file} {label['cause']}"
        if label["cause"] not in causes or label.get("decidable_from") == "not-decidable" or source in seen:
            continue
        seen.add(source)
        lines = clean_lines((label_file.parent / "report.txt").read_text(encoding="utf-8", errors="replace"))
        cause = "healthy" if label["cause"] in HEALTHY else label["cause"]
        words = [word for word, count in words_of(lines).items() for _ in range(count)]
        found.append(Labelled(lines, words, cause, frozenset(label.get("causes_also") or ())))
    often = Counter(one.cause for one in found)
    return [one for one in found if often[one.cause] >= LEAST_REPORTS]


def learn(reports: list[Labelled]) -> Weights:
    """A linear support vector machine for each cause against all others, its small weights left out."""
    table = TfidfVectorizer(analyzer=lambda words: words, sublinear_tf=True, min_df=LEAST_REPORTS)
    machine = LinearSVC(C=1, class_weight="balanced", random_state=0)
    machine.fit(table.fit_transform([one.words for one in reports]), [one.cause for one in reports])
    steps = np.where(np.abs(machine.coef_) < LEAST_WEIGHT, 0, np.round(machine.coef_ / UNIT)).astype(int)
    words = {}
    for word, column in sorted(table.vocabulary_.items()):
        row = [number for place, step in enumerate(steps[:, column]) if step for number in (place, int(step))]
        if len(word) <= LONGEST_WORD:
            words[word] = (round(100 * float(table.idf_[column])), *row)
    bias = tuple(round(float(number), 3) for number in machine.intercept_)
    return Weights(tuple(machine.classes_), bias, words, UNIT, MARGIN)


def measure(reports: list[Labelled]) -> tuple[int, int, int, int]:
    """Learn from four fifths, ask of the fifth, five times: first, among three, problems in all; suggestions for healthy ones."""
    first = three = problems = healthy = 0
    for some, rest in KFold(5, shuffle=True, random_state=1).split(reports):
        weights = learn([reports[place] for place in some])
        for one in (reports[place] for place in rest):
            like = find_likeness(one.lines, weights)
            named = like.rules if like else ()
            if one.cause == "healthy":
                healthy += bool(named)
                continue
            wanted = {one.cause, *one.also}
            problems += 1
            first += named[:1] != () and named[0] in wanted
            three += not wanted.isdisjoint(named)
    return first, three, problems, healthy


def one_line_a_word(document: dict[str, object]) -> str:
    """JSON that can be compared line by line."""
    words = document.pop("words")
    assert isinstance(words, dict)  # noqa: S101
    head = json.dumps(document, indent=1)[:-2]
    rows = ",\n".join(f"  {json.dumps(word, ensure_ascii=False)}: {json.dumps(list(row))}" for word, row in words.items())
    return f'{head},\n "words": {{\n{rows}\n }}\n}}\n'


if __name__ == "__main__":
    main(sys.argv[1:])
