"""Rules about how GPUs are set up: power, persistence, licenses, confidential computing, MIG instances."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import MigInstance
from tests.rules.facts import UNKNOWN, driver, gpu, gpu_machine, machine, windows
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

SMALL = MigInstance(1, 0, "1g.10gb", None, None, "MIG-1")
BARE = MigInstance(5, None, "1g.10gb")


@pytest.mark.parametrize(
    ("limit", "default", "verdict", "words"),
    [
        (300.0, 400.0, FAIL, ["limited to 300 of 400 W", "nvidia-smi -i 0 -pl 400"]),
        (390.0, 400.0, PASS, []),
        (450.0, 400.0, PASS, []),
        (None, 400.0, SKIP, []),
        (UNKNOWN, 400.0, UNDECIDED, []),
    ],
)
def test_gpu_power_capped(limit, default, verdict, words):
    card = gpu(power_limit_watts=limit, power_limit_default_watts=default)
    expect("gpu.gpu_power_capped", gpu_machine(gpus=(card,)), verdict, *words)


def test_a_cap_that_holds_the_gpu_back_now():
    card = gpu(power_limit_watts=300.0, power_limit_default_watts=400.0, throttle_reasons=("sw_power_cap",))
    expect("gpu.gpu_power_capped", gpu_machine(gpus=(card,)), FAIL, "held back by it right now")


@pytest.mark.parametrize(
    ("name", "mode", "verdict", "words"),
    [
        ("NVIDIA H100 80GB HBM3", False, FAIL, ["nvidia-persistenced"]),
        ("NVIDIA GeForce RTX 4090", False, PASS, []),
        ("NVIDIA H100 80GB HBM3", True, PASS, []),
        ("NVIDIA H100 80GB HBM3", None, SKIP, []),
        ("NVIDIA H100 80GB HBM3", UNKNOWN, UNDECIDED, []),
    ],
)
def test_persistence_off(name, mode, verdict, words):
    expect("gpu.persistence_off", gpu_machine(gpus=(gpu(name, persistence_enabled=mode),)), verdict, *words)


def test_persistence_is_of_linux():
    expect("gpu.persistence_off", gpu_machine(gpus=(gpu(persistence_enabled=False),), os=windows()), SKIP, "Linux")


@pytest.mark.parametrize(
    ("mode", "state", "verdict", "words"),
    [
        ("vgpu", "unlicensed", FAIL, ["not licensed", "nvidia-gridd"]),
        ("vgpu", "licensed", PASS, []),
        ("vgpu", None, SKIP, []),
        ("none", None, SKIP, ["no virtual GPU"]),
        (UNKNOWN, None, UNDECIDED, []),
        ("vgpu", UNKNOWN, UNDECIDED, []),
    ],
)
def test_vgpu_unlicensed(mode, state, verdict, words):
    expect("gpu.vgpu_unlicensed", gpu_machine(gpus=(gpu(virtualization_mode=mode, vgpu_license=state),)), verdict, *words)


@pytest.mark.parametrize(
    ("mode", "ready", "verdict", "words"),
    [
        ("on", False, FAIL, ["do not take work", "-srs 1"]),
        ("devtools", True, FAIL, ["nothing is protected"]),
        ("on", True, PASS, []),
        ("off", False, SKIP, []),
        (None, None, SKIP, []),
        (UNKNOWN, None, UNDECIDED, []),
        ("on", UNKNOWN, UNDECIDED, []),
    ],
)
def test_confidential_compute_not_ready(mode, ready, verdict, words):
    facts = machine(gpus=(gpu(),), driver=driver(confidential_compute=mode, confidential_ready=ready))
    expect("gpu.confidential_compute_not_ready", facts, verdict, *words)


@pytest.mark.parametrize(
    ("instances", "chosen", "verdict", "words"),
    [
        ((), None, FAIL, ["No GPU instance was made", "-cgi 0 -C"]),
        ((BARE,), None, FAIL, ["1 GPU instance(s) hold no compute instance"]),
        ((SMALL, BARE), None, FAIL, ["GPU instance 5 of GPU 0", "-i 0 -cci -gi 5"]),
        ((SMALL,), "GPU-1", FAIL, ["names GPU 0", "export CUDA_VISIBLE_DEVICES=MIG-1"]),
        ((SMALL,), "MIG-1", PASS, []),
        ((SMALL,), None, PASS, []),
        (UNKNOWN, None, UNDECIDED, []),
    ],
)
def test_mig_misconfig(instances, chosen, verdict, words):
    variables = {} if chosen is None else {"CUDA_VISIBLE_DEVICES": chosen}
    card = gpu(mig_enabled=True, mig_instances=instances)
    expect("gpu.mig_misconfig", gpu_machine(gpus=(card,), variables=variables), verdict, *words)


def test_mig_that_is_off():
    expect("gpu.mig_misconfig", gpu_machine(gpus=(gpu(mig_enabled=False),)), SKIP, "no GPU is in MIG mode")
    expect("gpu.mig_misconfig", gpu_machine(gpus=(gpu(mig_enabled=UNKNOWN),)), UNDECIDED)


@pytest.mark.parametrize(
    "rule",
    ["gpu.gpu_power_capped", "gpu.persistence_off", "gpu.vgpu_unlicensed", "gpu.mig_misconfig", "gpu.gpu_ecc_uncorrected"],
)
def test_a_target_is_in_no_state(rule):
    expect(rule, gpu_machine(gpus=(gpu(),), targeted=("gpus",)), SKIP, "--target states the gpus")
