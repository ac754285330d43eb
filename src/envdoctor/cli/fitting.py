"""The work of `fit`: the model's shape, the GPUs' memory, the answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput
from envdoctor.model.record import record

if TYPE_CHECKING:
    from envdoctor.fit.advising import Fitting
    from envdoctor.fit.memory import Wish
    from envdoctor.fit.shapes import Shape
    from envdoctor.knowledge.loading import Knowledge

_LIMIT_BYTES = 1 << 20


@record
class FitAnswer:
    """What was asked, and the answer."""

    shape: Shape
    wish: Wish
    fitting: Fitting
    gpus: tuple[str, ...]
    """Names of the GPUs that are meant, with their memory."""
    reason: str
    """Why their memory is not known; empty where it is."""


def answer_fit(said: dict[str, Any]) -> FitAnswer:
    """Read what was asked, and add it up.

    Raises:
        BadInput: the model, a number or the target cannot be read.
    """
    from envdoctor.fit.advising import judge_fit
    from envdoctor.fit.memory import Wish
    from envdoctor.knowledge.loading import load_knowledge

    knowledge = load_knowledge()
    shape = _shape(said, knowledge)
    names, room, count, reason = _gpus(said, knowledge)
    wish = Wish(
        said["mode"], said["precision"], _number(said, "batch"), _number(said, "seq"), said["optimizer"], said["checkpointing"],
        not said["eager_attention"], max(count, 1), said["sharding"], _number(said, "rank"),
    )  # fmt: skip
    if wish.sharding != "none" and count < 2:
        raise BadInput(f"--sharding {wish.sharding}: there is one GPU; state more with --target count=N")
    return FitAnswer(shape, wish, judge_fit(shape, wish, room, knowledge), names, reason)


def show_fit(answer: FitAnswer, said: dict[str, Any]) -> None:
    """Write the answer.

    Raises:
        BadInput: the file cannot be written.
    """
    from envdoctor.cli.showing import show_document, show_lines
    from envdoctor.render.fit_text import fit_document, fit_lines

    parts = (answer.shape, answer.wish, answer.fitting, answer.gpus, answer.reason)
    if said["format"] == "json":
        show_document(fit_document(*parts), said["output"])
    else:
        show_lines(fit_lines(*parts), said["output"])


def _shape(said: dict[str, Any], knowledge: Knowledge) -> Shape:
    from envdoctor.fit.shapes import parse_parameters, shape_of_config, shape_of_size

    if (said["params"] is None) == (said["config"] is None):
        raise BadInput("fit: say how large the model is, with either --params 7B or --config config.json")
    if said["params"] is not None:
        return shape_of_size(parse_parameters(said["params"]), knowledge)
    path: str = said["config"]
    try:
        with open(path, "rb") as file:
            config = json.loads(file.read(_LIMIT_BYTES + 1))
    except OSError as error:
        raise BadInput(f"--config {path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"--config {path}: no JSON: {error}") from error
    if not isinstance(config, dict):
        raise BadInput(f"--config {path}: a JSON object is wanted, as in config.json of a model")
    return shape_of_config(config, path)


def _gpus(said: dict[str, Any], knowledge: Knowledge) -> tuple[tuple[str, ...], int | None, int, str]:
    """Names, memory of the smallest, how many, and why that is not known."""
    from envdoctor.compat.place import stated_machines
    from envdoctor.model.unknown import Unknown, known
    from envdoctor.render.words import size
    from envdoctor.targets import parse_target

    if said["target"] is not None:
        facts = stated_machines(parse_target(said["target"]), knowledge, said["target"])[0].facts
        gpus = facts.gpus
    else:
        from envdoctor.cli.looking import look

        gpus = look({}, knowledge).gpus
    if isinstance(gpus, Unknown):
        return (), None, 0, gpus.reason
    able = [gpu for gpu in gpus if gpu.vendor in {"nvidia", "amd", "intel", "apple"}]
    if not able:
        return (), None, 0, "there is no GPU; state one with --target gpu=NAME,memory=24GiB"
    sizes = [gpu.memory_total_bytes for gpu in able]
    names = tuple(
        f"{known(gpu.name, gpu.vendor)}{f', {size(total)}' if isinstance(total, int) else ''}"
        for gpu, total in zip(able, sizes, strict=True)
    )
    known_sizes = [total for total in sizes if isinstance(total, int)]
    if len(known_sizes) < len(able):
        return names, None, len(able), "the memory of the GPU is not known; state it with --target memory=24GiB"
    return names, min(known_sizes), len(able), ""


def _number(said: dict[str, Any], name: str) -> int:
    text = str(said[name])
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= 10**8:
        raise BadInput(f"--{name} {text}: a whole number from 1 on is wanted")
    return int(text)
