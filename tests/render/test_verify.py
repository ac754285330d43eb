"""What verifying found out, in each format."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from envdoctor.render.layout import Line
from envdoctor.render.verify_document import verification_document
from envdoctor.render.verify_junit import render_verification_junit
from envdoctor.render.verify_text import verification_lines
from envdoctor.verify.results import FAILED, IMPOSSIBLE, PASSED, SKIPPED, Cause, Identity, Result, Verification

MIXED = Verification(
    (
        Result("torch", "import", "cpu", PASSED, seconds=1.25, memory_bytes=300 << 20, detail="torch 2.9"),
        Result("torch", "mlp", "cpu", PASSED, seconds=0.5, loss=(2.5, 1.25), gradient_error=2e-7),
        Result("torch", "compile", "cpu", SKIPPED, reason="only with --full"),
        Result(
            "torch", "device", "cuda:0", FAILED, seconds=0.1, reason="RuntimeError: Found no\nNVIDIA driver \x00",
            trace="Traceback\nRuntimeError", cause=Cause("no-driver", "No NVIDIA driver is running", "Install the driver"),
        ),
        Result("torch", "mlp", "cuda:0", IMPOSSIBLE, reason="the device cannot be used"),
    ),
    (Identity("torch", "2.9", (("build", "CUDA 12.8"),)),),
)  # fmt: skip


def text_of(verification: Verification, *, verbose: bool = False) -> str:
    def words(line: Line) -> str:
        return line.lead[0] + "".join(piece for piece, _style in line.pieces)

    return "\n".join(words(line) for line in verification_lines(verification, "Python 3.11 in .venv", "default", verbose=verbose))


def test_text_has_a_row_for_each_workload() -> None:
    text = text_of(MIXED)
    assert "torch 2.9  build CUDA 12.8" in text
    assert "0.5 s, loss 2.5 → 1.25, gradients within 2e-07" in text
    assert "skipped: only with --full" in text
    assert "not possible: the device cannot be used" in text
    assert "no-driver: No NVIDIA driver is running" in text
    assert "1 failure; 2 passed, 1 skipped, 1 not possible." in text
    assert "Next: envdoctor explain no-driver" in text
    assert text.index("on cpu") < text.index("on cuda:0")
    assert "Traceback" not in text
    assert "Traceback" in text_of(MIXED, verbose=True)


def test_text_never_says_passed_of_nothing() -> None:
    assert "Nothing to verify" in text_of(Verification(()))
    only_skipped = Verification((Result("numpy", "smoke", "cuda:0", SKIPPED, reason="it computes on the CPU only"),))
    assert "Nothing could be verified" in text_of(only_skipped)
    assert "It computes: 1 passed." in text_of(Verification((Result("numpy", "smoke", "cpu", PASSED),)))


def test_an_error_of_a_worker_process_is_told_by_its_end() -> None:
    head = "RuntimeError: Caught RuntimeError in DataLoader worker process 0."
    reason = f"{head}\nOriginal Traceback (most recent call last):\n  File\nRuntimeError: shm"
    text = text_of(Verification((Result("torch", "data-loader", "cpu", FAILED, reason=reason),)))
    assert "worker process 0. RuntimeError: shm" in text
    assert "Next: envdoctor check --deep" in text


def test_json_says_the_same() -> None:
    document = verification_document(
        MIXED,
        subject={"kind": "live", "name": "this machine"},
        profile=None,
        device="auto",
        level="default",
        knowledge="2026-01-01",
    )
    assert document["schema"] == "envdoctor.verify/1"
    assert document["verdict"] == "failed"
    assert document["summary"] == {"passed": 2, "failed": 1, "skipped": 1, "impossible": 1}
    assert document["frameworks"] == [{"name": "torch", "version": "2.9", "details": {"build": "CUDA 12.8"}}]
    assert document["results"][1]["loss"] == {"first": 2.5, "last": 1.25}
    assert document["results"][3]["rule"] == "no-driver"
    assert document["results"][3]["finding"] == {"title": "No NVIDIA driver is running", "fix": "Install the driver"}
    json.dumps(document, allow_nan=False)


def test_junit_counts_and_names_the_rule() -> None:
    top = ElementTree.fromstring(render_verification_junit(MIXED))
    assert (top.get("tests"), top.get("failures"), top.get("skipped")) == ("5", "1", "2")
    failure = top.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "no-driver"
    assert [suite.get("name") for suite in top] == ["envdoctor verify: torch on cpu", "envdoctor verify: torch on cuda:0"]


def test_junit_of_nothing_is_an_error() -> None:
    top = ElementTree.fromstring(render_verification_junit(Verification(())))
    assert top.find(".//error") is not None


def test_what_was_left_out_for_one_reason_stands_on_one_line() -> None:
    left = tuple(Result("torch", name, "cpu", SKIPPED, reason="not with --quick") for name in ("rnn", "transformer", "save-load"))
    passed = Result("torch", "import", "cpu", PASSED, seconds=1.0)
    text = text_of(Verification((passed, *left, Result("torch", "compile", "cpu", SKIPPED, reason="only with --full"))))
    assert "- rnn, transformer, save-load  skipped: not with --quick" in text
    assert text.count("skipped: not with --quick") == 1
    assert "skipped: only with --full" in text


def test_gpus_that_fail_alike_are_told_once() -> None:
    results = [Result("torch", "import", "cpu", PASSED, seconds=1.0)]
    for index in range(8):
        results.append(Result("torch", "device", f"cuda:{index}", FAILED, reason="RuntimeError: Found no NVIDIA driver"))
        results.append(Result("torch", "mlp", f"cuda:{index}", IMPOSSIBLE, reason="the device cannot be used"))
    text = text_of(Verification(tuple(results)))
    assert "on cuda:0 to cuda:7, all alike" in text
    assert text.count("Found no NVIDIA driver") == 1
    assert "8 failures" in text


def test_gpus_that_fail_otherwise_are_told_one_by_one() -> None:
    results = tuple(Result("torch", "device", f"cuda:{index}", FAILED, reason=f"error {index}") for index in range(3))
    text = text_of(Verification(results))
    assert all(f"on cuda:{index}" in text for index in range(3))
    assert "alike" not in text
