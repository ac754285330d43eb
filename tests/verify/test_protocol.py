"""Reading what the programs print."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.verify.protocol import parse_event, parse_identity, parse_result
from envdoctor.verify.results import STATUSES


def event_of(**values: object) -> str:
    return json.dumps(values)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (event_of(envdoctor="begin", workload="mlp"), "begin"),
        ("  " + event_of(envdoctor="end") + "  ", "end"),
        (event_of(envdoctor="other"), None),
        (event_of(workload="mlp"), None),
        ('{"envdoctor": "begin"', None),
        ("[1]", None),
        ("", None),
        ("epoch 1/10", None),
        ("{" * 100_000 + '"envdoctor": "', None),
        ('{"envdoctor": "begin", "n": ' + "[" * 100_000 + "}", None),
    ],
)
def test_events(line: str, kind: str | None) -> None:
    event = parse_event(line)
    assert (event.kind if event is not None else None) == kind


def test_a_result_with_all_its_numbers() -> None:
    line = event_of(
        envdoctor="result", workload="mlp", status="passed", seconds=1.5, memory_bytes=7, loss=[2.0, 1.0], gradient_error=1e-7,
        device="cpu", detail="d",
    )  # fmt: skip
    event = parse_event(line)
    assert event is not None
    result = parse_result(event, "torch")
    assert result is not None
    assert (result.subject, result.workload, result.device, result.status) == ("torch", "mlp", "cpu", "passed")
    assert (result.seconds, result.memory_bytes, result.loss, result.gradient_error) == (1.5, 7, (2.0, 1.0), 1e-7)


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": "long"}, {"loss": [1]}, {"loss": [1, "x"]}, {"memory_bytes": -1}, {"gradient_error": True}, {"device": 7}],
)
def test_wrong_numbers_say_nothing(wrong: dict[str, object]) -> None:
    event = parse_event(event_of(envdoctor="result", workload="mlp", status="passed", **wrong))
    assert event is not None
    result = parse_result(event, "torch")
    assert result is not None
    assert (result.seconds, result.loss, result.memory_bytes, result.gradient_error, result.device) == (
        None,
        None,
        None,
        None,
        "",
    )


def test_numbers_that_are_none() -> None:
    event = parse_event(
        '{"envdoctor": "result", "workload": "w", "status": "failed", "seconds": NaN, "gradient_error": Infinity}'
    )
    assert event is not None
    result = parse_result(event, "torch")
    assert result is not None
    assert (result.seconds, result.gradient_error) == (None, None)


def test_a_status_of_its_own_is_no_result() -> None:
    event = parse_event(event_of(envdoctor="result", workload="mlp", status="impossible"))
    assert event is not None
    assert parse_result(event, "torch") is None


def test_identities() -> None:
    event = parse_event(event_of(envdoctor="framework", name="torch", version="2", details={"providers": ["a", "b"], "n": 1}))
    assert event is not None
    assert parse_identity(event, "torch").details == (("providers", "a, b"), ("n", "1"))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["workload", "status", "seconds", "memory_bytes", "loss", "gradient_error", "device", "error", "trace"]),
        st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.sampled_from(STATUSES), st.lists),
    )
)
def test_whatever_a_program_prints_is_read_or_not(values: dict[str, object]) -> None:
    event = parse_event(json.dumps({**values, "envdoctor": "result"}))
    assert event is not None
    result = parse_result(event, "x")
    assert result is None or result.status in STATUSES
