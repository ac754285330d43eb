"""Rules about errors and repairs of GPUs."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import EccErrors, KernelEvent, KernelLog, NvmlFailure, RetiredPages, RowRemapping
from tests.rules.facts import UNKNOWN, failed_driver, gpu, gpu_machine, machine, pci_gpu
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome, text_of
from tests.rules.judging import UNKNOWN as UNDECIDED

CLEAN = EccErrors(0, 0, 0, 0, 0, 0)
ILL = EccErrors(17, 3, 0, 1, 17, 2)


def log(*events: KernelEvent) -> KernelLog:
    return KernelLog(events, "/dev/kmsg")


def xid(number: int, message: str = "as it is", address: str = "0000:3b:00.0", count: int = 1) -> KernelEvent:
    return KernelEvent("xid", number, address, "12.5", message, count)


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"ecc_volatile": ILL, "sram_threshold_exceeded": False}, FAIL,
         ["GPU 0 (NVIDIA A100-SXM4-80GB) reports 3 uncorrected", "2 in memory and 1 in caches", "--gpu-reset"]),
        ({"ecc_volatile": CLEAN, "sram_threshold_exceeded": True}, FAIL, ["than NVIDIA allows", "dcgmi", "!--gpu-reset"]),
        ({"ecc_volatile": EccErrors(5, 0, 5, 0, 0, 0)}, PASS, []),
        ({"ecc_volatile": None}, SKIP, ["no ECC"]),
        ({"ecc_volatile": UNKNOWN}, UNDECIDED, ["nobody looked"]),
        ({"ecc_volatile": EccErrors(0, UNKNOWN)}, UNDECIDED, []),
    ],
)  # fmt: skip
def test_gpu_ecc_uncorrected(changes, verdict, words):
    expect("gpu.gpu_ecc_uncorrected", gpu_machine(gpus=(gpu(**changes),)), verdict, *words)


@pytest.mark.parametrize(
    ("rows", "repair", "failed", "pending", "words"),
    [
        (RowRemapping(0, 4, True, False), False, PASS, FAIL, ["only after a reset", "uncorrectable ones: 4"]),
        (RowRemapping(0, 4, False, True), False, FAIL, PASS, ["could not replace a bad row", "exchanged"]),
        (RowRemapping(2, 0, False, False), False, PASS, PASS, []),
        (None, None, SKIP, SKIP, []),
        (None, True, SKIP, FAIL, ["a memory channel"]),
        (UNKNOWN, None, UNDECIDED, UNDECIDED, []),
        (RowRemapping(0, 0, UNKNOWN, UNKNOWN), None, UNDECIDED, UNDECIDED, []),
    ],
)
def test_row_remapping(rows, repair, failed, pending, words):
    facts = gpu_machine(gpus=(gpu(row_remapping=rows, repair_pending=repair),))
    expect("gpu.gpu_row_remap_failed", facts, failed, *(words if failed is FAIL else []))
    expect("gpu.gpu_row_remap_pending", facts, pending, *(words if pending is FAIL else []))


@pytest.mark.parametrize(
    ("pages", "verdict", "words"),
    [
        (RetiredPages(0, 1, True), FAIL, ["waits to retire", "loaded again"]),
        (RetiredPages(50, 14, False), FAIL, ["many pages", "dcgmi"]),
        (RetiredPages(0, 15, False), FAIL, ["many pages"]),
        (RetiredPages(4, 1, False), PASS, []),
        (None, SKIP, []),
        (UNKNOWN, UNDECIDED, []),
        (RetiredPages(0, 0, UNKNOWN), UNDECIDED, []),
    ],
)
def test_gpu_retired_pages(pages, verdict, words):
    expect("gpu.gpu_retired_pages", gpu_machine(gpus=(gpu(retired_pages=pages),)), verdict, *words)


@pytest.mark.parametrize(
    ("action", "verdict", "words"),
    [
        ("none", PASS, []),
        ("reset", FAIL, ["a reset of the GPU"]),
        ("drain_and_reset", FAIL, ["an end of its programs"]),
        ("number 12", FAIL, ["number 12"]),
        (None, SKIP, []),
        (UNKNOWN, UNDECIDED, []),
    ],
)
def test_gpu_needs_reset(action, verdict, words):
    expect("gpu.gpu_needs_reset", gpu_machine(gpus=(gpu(recovery_action=action),)), verdict, *words)


@pytest.mark.parametrize(
    ("found", "verdict", "words"),
    [
        (log(), PASS, []),
        (log(xid(31, "MMU Fault")), FAIL, ["Xid 31 of GPU 0 (NVIDIA A100", "not mapped", "MMU Fault", "the program itself"]),
        (log(xid(48, count=3)), FAIL, ["double bit", "3 lines", "hardware is at fault", "--gpu-reset -i 0"]),
        (log(xid(79, address="0000:5f:00.0")), FAIL, ["the GPU at 0000:5f:00.0", "fallen off the bus"]),
        (log(xid(9999)), FAIL, ["does not explain", "Look the number up"]),
        (log(KernelEvent("peermem", None, None, "", "ERROR")), PASS, []),
        (UNKNOWN, UNDECIDED, []),
    ],
)
def test_gpu_xid_errors(found, verdict, words):
    expect("gpu.gpu_xid_errors", gpu_machine(kernel_log=found), verdict, *words)


def test_what_programs_cause_is_a_remark_and_what_the_card_causes_an_error():
    found = outcome("gpu.gpu_xid_errors", gpu_machine(kernel_log=log(xid(13), xid(94), xid(79)))).findings
    assert [finding.severity.value for finding in found] == ["info", "warning", "error"]


def test_no_gpu_has_no_log():
    expect("gpu.gpu_xid_errors", machine(kernel_log=log(xid(79))), SKIP, "no NVIDIA GPU")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (gpu_machine(gpus=(gpu(ecc_volatile=ILL), gpu(index=1, ecc_volatile=CLEAN))), FAIL,
         ["GPU 0 (NVIDIA A100-SXM4-80GB) has a fault of its hardware: 3 uncorrected ECC errors", "!GPU 1"]),
        (gpu_machine(gpus=(gpu(row_remapping=RowRemapping(0, 1, False, True)),)), FAIL, ["could not be replaced"]),
        (gpu_machine(gpus=(gpu(recovery_action="reset"),)), FAIL, ["asks for recovery (reset)"]),
        (gpu_machine(kernel_log=log(xid(79))), FAIL, ["Xid 79: the GPU has fallen off the bus"]),
        (gpu_machine(kernel_log=log(xid(79, address="0000:5f:00.0"))), PASS, []),
        (gpu_machine(kernel_log=log(xid(31), xid(63))), PASS, []),
        (gpu_machine(gpus=(gpu(row_remapping=RowRemapping(0, 1, True, False)),)), PASS, []),
        (gpu_machine(gpus=UNKNOWN), UNDECIDED, []),
        (machine(gpus=(pci_gpu(),), driver=failed_driver(NvmlFailure.GPU_LOST, "GPU 3 is lost"), kernel_log=log(xid(79))), FAIL,
         ["GPU 3 is lost", "Xid 79"]),
    ],
)  # fmt: skip
def test_gpu_hardware_by_what_the_card_reports(facts, verdict, words):
    expect("gpu.gpu_hardware", facts, verdict, *words)


def test_the_cause_comes_first_and_its_details_under_it():
    from envdoctor.engine import diagnose
    from envdoctor.rules import load_rules
    from tests.rules.judging import knowledge

    facts = gpu_machine(gpus=(gpu(ecc_volatile=ILL),), kernel_log=log(xid(48), xid(63), xid(94)))
    found = diagnose(facts, None, knowledge(), load_rules(for_profile=False)).findings
    assert found[0].rule == "gpu-hardware", [text_of(finding) for finding in found]
    assert {"gpu-ecc-uncorrected", "gpu-xid-errors"} <= set(found[0].explains)


@pytest.mark.parametrize(
    ("events", "switches", "verdict", "words"),
    [
        ((KernelEvent("sxid", 12028, "0000:86:00.0", "", "non-fatal error 12028 on port 61"),), 4, FAIL, ["12028", "!(fatal)"]),
        ((KernelEvent("sxid", 19084, "0000:86:00.0", "", "Fatal, Link 30 AN1 Heartbeat Timeout Error"),), 4, FAIL, ["(fatal)"]),
        ((), 4, PASS, []),
        ((), 0, SKIP, ["no NVSwitch"]),
        ((), UNKNOWN, UNDECIDED, []),
    ],
)
def test_nvswitch_errors(events, switches, verdict, words):
    from envdoctor.model.facts import Interconnect

    facts = gpu_machine(kernel_log=log(*events), interconnect=Interconnect(nvswitches=switches))
    expect("gpu.nvswitch_errors", facts, verdict, *words)
