"""Takes away what surrounds a text when people paste it: colours, quote marks, time stamps; lines keep their numbers."""

from __future__ import annotations

import re

from envdoctor.reports.native_sentences import in_english

_LONGEST_LINE = 20_000
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\n]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]|[\x00-\x08\x0b\x0e-\x1f\x7f]")
_QUOTED = re.compile(r"^ {0,3}(?:>(?!>>)[ ]?)+(?!>>)")
_STAMPED = re.compile(r"^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{6,9}Z? ?)+")
_STAMP = r"\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?"
_LOGGED = re.compile(
    rf"^(?:{_STAMP} (?:std(?:out|err) [FP] )?"  # containers, CI, Kubernetes
    r"|std(?:out|err) [FP] "
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [\w./@-]+(?:\[\d+\])?: "  # journald, syslog
    r"|\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}\] "  # dmesg -T
    r"|\[?(?:rank|Rank |RANK )\d+\]?: ?|\((?:[\w.]+ )?pid=\d+(?:, ip=[\d.]+)?\) ?"  # torchrun, Ray, vLLM
    r"|\[(?:stdout|stderr)\] ?|(?:ERROR|INFO|WARNING|DEBUG|CRITICAL) \d\d-\d\d \d\d:\d\d:\d\d (?:\[?[\w./]+:\d+\] ?)?"
    r")+"
)
"""What loggers put in front of every line."""
_NAMED = re.compile(r"^(?P<name>[\w.-]{2,60}) +\| ?")
_CELL = re.compile(r"\s*\S+\s*\|")
"""`worker_1  | ` of docker compose; only where many lines start so, because tables look alike."""
_STEP_TIME = re.compile(r"^(?:#\d+ )?(?P<seconds>\d{1,5}\.\d{1,3}) +(?=\D)")
"""`12.34 ` or `#15 12.34 ` of a build of an image, in front of what the step printed."""
_OFTEN = 3
_LONG = 1000
"""From so many lines on a text is a log, of which lines that come again and again are emptied."""
_ENOUGH = 20
"""So many lines that differ in numbers only are read."""
_NUMBERS = re.compile(r"[\d.]+")
_EXAMPLE = re.compile(r" ?\((?:e\. ?g\.?|for example)[^()]{0,80}\)(?=[*`_ ]*(?::|if\b|$))", re.IGNORECASE)
"""What a form gives as an example in its label: `OS Platform and Distribution (e.g., Linux Ubuntu 16.04): Windows 10`."""
_WIDE = re.compile(r"(?:\S (?:  )?){20,}")
"""Wide characters that a console showed byte by byte, as ONNX Runtime's log on Windows: `L o a d L i b r a r y   f a i l e d`."""
_HALF_SPAN = re.compile(r"^([ >*-]{0,4})`(?!`)|(?<!`)`(?=\s*$)")
"""The mark at one end of a span of code that goes over several lines."""
_NARROW = str.maketrans({
    "：": ":", "＝": "=", "，": ",", "（": "(", "）": ")", "　": " ", "\u00a0": " ", "\u202f": " ", "\u200b": "", "\ufeff": "",
    "‘": "'", "’": "'", "“": '"', "”": '"', "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n",
})  # fmt: skip
_ENTITIES = {"gt": ">", "lt": "<", "quot": '"', "amp": "&", "apos": "'", "nbsp": " ", "ldquo": '"', "rdquo": '"', "rsquo": "'"}
_ENTITY = re.compile(r"&(?:#(?P<number>\d{1,6})|#[xX](?P<hex>[0-9a-fA-F]{1,5})|(?P<name>[a-z]{2,6}));")


def clean_lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without what surrounds them; none is left out, so that numbers stay right."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NARROW)
    if "&" in text:
        text = _ENTITY.sub(_meant, text)
    text = in_english(_WIDE.sub(_joined, text))
    lines = [_clean(line[:_LONGEST_LINE]) for line in _thinned(text.split("\n"))]
    lines = _without_step_times(lines)
    services = _services(lines)
    return tuple(_unnamed(line, services) for line in lines) if services else tuple(lines)


def _meant(entity: re.Match[str]) -> str:
    """The character that an HTML entity stands for; what is none stays."""
    if entity["name"]:
        return _ENTITIES.get(entity["name"], entity[0])
    code = int(entity["number"]) if entity["number"] else int(entity["hex"], 16)
    return chr(code) if 32 <= code < 0xD800 else " "


def _joined(wide: re.Match[str]) -> str:
    """Wide characters without the spaces between them; rows of numbers stay."""
    return wide[0][::2] if sum(character.isalpha() for character in wide[0]) > len(wide[0]) // 4 else wide[0]


def _clean(line: str) -> str:
    if not line:
        return line
    line = _QUOTED.sub("", _ANSI.sub("", line))
    line = _LOGGED.sub("", _STAMPED.sub("", line)).rstrip()
    if "`" in line and line.count("`") % 2:
        line = _HALF_SPAN.sub(r"\1", line)
    return _EXAMPLE.sub("", line) if "(e" in line.lower() or "(for ex" in line.lower() else line


def _thinned(lines: list[str]) -> list[str]:
    """The lines of a long log, those emptied that differ from many before them in numbers only (steps of a training)."""
    if len(lines) < _LONG:
        return lines
    counted: dict[str, int] = {}
    kept = []
    for line in lines:
        shape = _NUMBERS.sub("0", line[:200])
        counted[shape] = counted.get(shape, 0) + 1
        kept.append(line if counted[shape] <= _ENOUGH else "")
    return kept


def _services(lines: list[str]) -> frozenset[str]:
    """Names that docker compose put in front of many lines."""
    counted: dict[str, int] = {}
    for line in lines:
        match = _NAMED.match(line) if "|" in line else None
        if match is not None and not _CELL.match(line, match.end()):
            counted[match["name"]] = counted.get(match["name"], 0) + 1
    return frozenset(name for name, count in counted.items() if count >= _OFTEN)


def _without_step_times(lines: list[str]) -> list[str]:
    """The lines without the seconds that a build of an image counts in front of them: several, and never fewer than before."""
    timed = [match for line in lines if line[:1] in "#0123456789" and (match := _STEP_TIME.match(line))]
    seconds = [float(match["seconds"]) for match in timed]
    if len(timed) < _OFTEN or seconds != sorted(seconds):
        return lines
    return [_STEP_TIME.sub("", line) for line in lines]


def _unnamed(line: str, services: frozenset[str]) -> str:
    match = _NAMED.match(line) if "|" in line else None
    return line[match.end() :] if match is not None and match["name"] in services else line
