"""Facts in what people type into Python, and what it answers: `>>> torch.__version__`, `print(torch.version.cuda)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.packages import normal
from envdoctor.reports.stating import FILLED_IN, Stated

_ASKED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), topic)
    for pattern, topic in (
        (r"\b(?P<module>torch|tensorflow|tf|jax|jaxlib|torchvision|torchaudio|onnxruntime|ort|xformers|triton|numpy|np"
         r"|transformers|keras|vllm|flash_attn|bitsandbytes|mmcv|cupy)\.__version__", "package"),
        (r"\btorch\.version\.cuda\b", "torch.cuda"),
        (r"\btorch\.version\.hip\b", "torch.rocm"),
        (r"\btorch\.cuda\.is_available\(\)", "cuda.available"),
        (r"\btorch\.cuda\.get_arch_list\(\)", "torch.code"),
        (r"\btorch\.cuda\.get_device_name\(\w*\)", "gpu"),
        (r"\btorch\.cuda\.get_device_capability\(\w*\)", "capability"),
        (r"\btorch\.backends\.cudnn\.version\(\)", "cudnn"),
        (r"\bplatform\.platform\(\)", "platform"),
    )
)  # fmt: skip
_MODULES = {"tf": "tensorflow", "ort": "onnxruntime", "np": "numpy"}
_ANSWER = re.compile(
    r"^\s*(?:returns:?|output:?|outputs:?|gives|->|=>|#+|Out\[\d+\]:|prints)?\s*[`'\"(]*(?P<value>[^>]{1,120}?)[`'\")]*[.,]?\s*$",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"(?:\)|\b\w)[`'\" ]*(?:returns|gives|prints|->|=>|=+|:|#+|is|output)\s*[:=]?\s*[`'\"]*"
    r"(?P<value>[\w.+\[\], '()-]{1,120}?)[`'\"]*\s*$",
    re.IGNORECASE,
)
_ARE_ANSWERS = {
    "package": re.compile(r"\d+\.\d+"),
    "torch.cuda": re.compile(r"\d+\.\d+$|None$"),
    "torch.rocm": re.compile(r"\d+\.\d+|None$"),
    "cuda.available": re.compile(r"True|False|Flase", re.IGNORECASE),
    "torch.code": re.compile(r"\[?'?(?:sm|compute|gfx)"),
    "gpu": re.compile(r"\w"),
    "capability": re.compile(r"\(?\d+, ?\d"),
    "cudnn": re.compile(r"\d{4}"),
    "platform": re.compile(r"\w+-"),
}


def parse_session(lines: Sequence[str]) -> Iterator[Stated]:
    """What Python answered to known questions: on the same line, or in order on the lines after it."""
    for place, line in enumerate(lines):
        if "." not in line:
            continue
        asked = [(match.start(), topic, match) for pattern, topic in _ASKED for match in pattern.finditer(line)]
        answers = _answers(lines, place)
        for _, topic, match in sorted(asked, key=lambda one: one[0]):
            name = _topic(topic, match)
            for number, answer in answers:
                if _ARE_ANSWERS[topic].match(answer):
                    yield Stated(name, answer, number, FILLED_IN, "Python")
                    answers.remove((number, answer))
                    break


def _topic(topic: str, match: re.Match[str]) -> str:
    if topic != "package":
        return topic
    module = match["module"]
    return f"package.{normal(_MODULES.get(module, module))}"


def _answers(lines: Sequence[str], place: int) -> list[tuple[int, str]]:
    """What may be answers, with their line numbers: behind the question, or on the next three lines."""
    inline = _INLINE.search(lines[place])
    found = [(place + 1, inline["value"].strip())] if inline else []
    for number, line in enumerate(lines[place + 1 : place + 4], start=place + 2):
        match = _ANSWER.match(line)
        if match is not None:
            found.extend((number, word.strip("`'\" ")) for word in re.split(r"[`'\"]\s+[`'\"]", match["value"]))
    return found
