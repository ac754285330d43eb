"""What verifying found out as JUnit XML: a suite for each framework and device, a test case for each workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.render.junit import legal
from envdoctor.render.verify_text import figures
from envdoctor.verify.results import FAILED, IMPOSSIBLE, SKIPPED, Result, Verification

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render_verification_junit(verification: Verification) -> str:
    """The whole file. What could not be tried is skipped, never passed; nothing at all is an error."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    top = Element("testsuites", {"name": "envdoctor", **_counts(verification.results)})
    for key in dict.fromkeys((result.subject, result.device) for result in verification.results):
        results = tuple(result for result in verification.results if (result.subject, result.device) == key)
        suite = SubElement(top, "testsuite", {"name": legal(f"envdoctor verify: {key[0]} on {key[1]}"), **_counts(results)})
        for result in results:
            _add_case(suite, result)
    if verification.verdict == "unknown":
        suite = SubElement(
            top, "testsuite", {"name": "envdoctor verify", "tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
        )
        case = SubElement(suite, "testcase", {"name": "verify", "classname": "envdoctor", "time": "0"})
        SubElement(case, "error", {"type": "undecided", "message": "nothing could be verified"})
    indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(top, encoding="unicode") + "\n"


def _add_case(suite: Element, result: Result) -> None:
    from xml.etree.ElementTree import SubElement

    seconds = f"{result.seconds or 0.0:.3f}"
    names = {"name": legal(result.workload), "classname": legal(f"{result.subject}.{result.device}"), "time": seconds}
    case = SubElement(suite, "testcase", names)
    if result.status == FAILED:
        kind = result.cause.rule if result.cause is not None else "failed"
        title = f"{result.cause.title}: {result.reason}" if result.cause is not None else result.reason
        failure = SubElement(case, "failure", {"type": kind, "message": legal(" ".join(title.split()))})
        failure.text = legal(f"\n{result.trace or result.output}\n")
    elif result.status in {SKIPPED, IMPOSSIBLE}:
        words = "" if result.status == SKIPPED else "not possible: "
        SubElement(case, "skipped", {"message": legal(words + result.reason)})
    else:
        SubElement(case, "system-out").text = legal(figures(result))


def _counts(results: tuple[Result, ...]) -> dict[str, str]:
    skipped = sum(result.status in {SKIPPED, IMPOSSIBLE} for result in results)
    failed = sum(result.status == FAILED for result in results)
    return {"tests": str(len(results)), "failures": str(failed), "errors": "0", "skipped": str(skipped)}
