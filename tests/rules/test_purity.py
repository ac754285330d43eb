"""Rules touch nothing and never crash: laws over all of them."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.accelerators import DriverVersion, NvmlFailure
from envdoctor.model.facts import CudaToolkit, Disk, Facts, Gpu, Limits, NvidiaDriver, Subject, Unknown
from envdoctor.model.findings import Verdict
from envdoctor.model.record import fields, replace
from envdoctor.rules import load_rules
from tests.conftest import REPOSITORY
from tests.rules.facts import (
    container,
    cpu,
    driver,
    environment,
    framework,
    gpu,
    image,
    linux,
    machine,
    macos,
    package,
    pci_gpu,
    python,
    windows,
)
from tests.rules.judging import text_of

KNOWLEDGE, RULES = load_knowledge(), load_rules()
NOBODY = Unknown("nobody looked")
VERSIONS = st.sampled_from(
    ["0.1", "1.12.1", "2.0", "2.2.2", "2.7.1+cu128", "2.9.1", "2.9.1+rocm6.4", "2.15.0", "9.9rc1", "12.1", "13"]
)
VERSION = st.one_of(st.just(NOBODY), VERSIONS.map(Version))
MAYBE_VERSION = st.one_of(st.none(), VERSION)
WORDS = st.sampled_from(
    ["", "linux", "x86_64", "aarch64", "arm64", "glibc", "musl", "conda", "network", "prohibited", "ubuntu", "13.1", "~"]
)
TEXT = st.one_of(st.none(), st.just(NOBODY), WORDS, st.text(max_size=6))
CAPABILITY = st.one_of(st.none(), st.just(NOBODY), st.tuples(st.integers(0, 14), st.integers(0, 9)))
NUMBER = st.one_of(st.none(), st.just(NOBODY), st.integers(0, 1 << 40))
CODE = st.one_of(
    st.none(), st.just(NOBODY), st.lists(st.sampled_from(["sm_80", "compute_90", "gfx1100", "sm_90a", "x"])).map(tuple)
)
NAMES = st.sampled_from([
    "torch", "torchvision", "triton", "numpy", "jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-pjrt", "protobuf", "tensorflow",
    "nvidia-cudnn-cu12", "nvidia-cudnn-cu13", "nvidia-cublas", "onnxruntime", "onnxruntime-gpu", "xformers", "mxnet", "~orch",
])  # fmt: skip
LINES = st.sampled_from([
    "numpy<2", "torch==2.9.1", 'triton==3.5.1; platform_system == "Linux"', "protobuf>=3,<5", "x @ file:///y", "=>", "a (>=1)",
    'nvidia-cudnn-cu12==9.10.2.21; platform_machine == "x86_64" and sys_platform == "linux"', 'b; extra == "c"', "d; nonsense (",
])  # fmt: skip
TAGS = st.sampled_from(
    ["cp311-cp311-manylinux_2_28_x86_64", "py3-none-any", "cp39-abi3-win_amd64", "cp310-cp310-musllinux_1_2_aarch64", "x"]
)

PACKAGES = st.builds(
    lambda name, version, lines, tags, fault: package(name, version, *lines, tags=tags, fault=fault),
    NAMES, VERSION, st.lists(LINES, max_size=3), st.one_of(st.none(), st.just(NOBODY), st.lists(TAGS, max_size=2).map(tuple)),
    st.one_of(st.none(), st.just("left behind")),
)  # fmt: skip
FRAMEWORKS = st.builds(
    lambda name, version, flavour, cuda, code: replace(
        framework(name, "1.0", flavour, gpu_code=code), version=version, cuda_version=cuda, rocm_version=cuda
    ),
    st.sampled_from(["torch", "tensorflow", "jax", "onnxruntime", "cupy"]),
    VERSION,
    st.one_of(st.just(NOBODY), st.sampled_from(["cuda", "cpu", "rocm", "metal"])),
    MAYBE_VERSION,
    CODE,
)
ENVIRONMENTS = st.builds(
    lambda packages, frameworks, version, kind: environment(
        *packages, frameworks=tuple(frameworks), kind=kind, interpreter=replace(python(), version=version)
    ),
    st.lists(PACKAGES, max_size=6), st.lists(FRAMEWORKS, max_size=3), VERSION, TEXT.filter(lambda text: text is not None),
)  # fmt: skip
GPUS = st.lists(
    st.builds(
        lambda vendor, name, capability, target, memory, mode: Gpu(
            vendor=vendor, index=0, name=name, compute_capability=capability, gfx_target=target, memory_total_bytes=memory,
            memory_used_bytes=memory, compute_mode=mode, mig_enabled=None, throttle_reasons=NOBODY, source="x",
        ),
        st.sampled_from(["nvidia", "amd", "apple", "intel"]), TEXT, CAPABILITY,
        st.one_of(TEXT, st.just("gfx1100")), NUMBER, TEXT,
    ),
    max_size=2,
).map(tuple)  # fmt: skip
DRIVERS = st.builds(
    lambda version, cuda, module, failure, path: NvidiaDriver(
        version=version, cuda_version=cuda, kernel_module_version=module, library_version=version, nvml_failure=failure,
        libcuda_path=path, open_kernel_module=NOBODY, source="x",
    ),
    st.one_of(st.just(NOBODY), st.sampled_from(["0", "470.82.01", "535", "551.61", "999.1"]).map(DriverVersion)),
    MAYBE_VERSION, MAYBE_VERSION, st.one_of(st.none(), st.just(NOBODY), st.sampled_from(list(NvmlFailure))), TEXT,
)  # fmt: skip
SYSTEMS = st.builds(
    lambda base, wsl, libc, version: replace(base, wsl=wsl, libc=libc, libc_version=version),
    st.sampled_from([linux(), windows(), macos()]), st.sampled_from([None, 1, 2, NOBODY]), TEXT, MAYBE_VERSION,
)  # fmt: skip
DISKS = st.lists(
    st.builds(
        lambda purpose, free: Disk(purpose, "/x", None, free, free, None, None, NOBODY, "x"),
        st.sampled_from(["environment", "temporary", "shared memory", "home"]),
        st.one_of(st.just(NOBODY), st.integers(0, 1 << 40)),
    ),
    max_size=3,
).map(tuple)  # fmt: skip


def either(strategy, *others):
    return st.one_of(st.just(NOBODY), strategy, *map(st.just, others))


FACTS = st.builds(
    Facts,
    subject=st.sampled_from(["live", "image", "rootfs", "report"]).map(lambda kind: Subject(kind, "x")),
    os=either(SYSTEMS),
    container=st.sampled_from([NOBODY, None, container(), container("kubernetes", NOBODY)]),
    limits=either(st.builds(Limits, memory_bytes=NUMBER, cpu_cores=st.one_of(st.none(), st.just(NOBODY), st.floats(0.1, 8)))),
    cpu=st.sampled_from([NOBODY, cpu(), cpu(features=NOBODY)]),
    disks=either(DISKS),
    driver=either(DRIVERS, None),
    gpus=either(GPUS),
    toolkits=either(st.lists(VERSION.map(lambda version: CudaToolkit("/c", version, True, True)), max_size=2).map(tuple)),
    tools=either(st.just(())),
    variables=either(
        st.dictionaries(st.sampled_from(["CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH"]), st.text(max_size=8), max_size=2)
    ),
    environment=either(ENVIRONMENTS, None),
    targeted=st.sampled_from([(), ("gpus", "driver")]),
)


@settings(max_examples=250, deadline=None)
@given(FACTS)
def test_no_facts_crash_a_rule(facts):
    report = diagnose(facts, None, KNOWLEDGE, RULES)
    assert [(outcome.rule.name, outcome.reason) for outcome in report.outcomes if outcome.verdict is Verdict.CRASH] == []
    for finding in report.findings:
        text = text_of(finding)
        assert "Unknown(" not in text, text
        assert "None" not in f"{finding.title} {finding.detail}", text
        assert finding.evidence


WHOLE = [
    machine(environment=environment(package("torch", "2.9.1"), frameworks=(framework("torch", "2.9.1", cuda="12.8"),)),
            gpus=(gpu(),), driver=driver()),
    machine(container=container(), gpus=(pci_gpu(),)),
    image(),
]  # fmt: skip


def test_every_unknown_fact_is_said_to_be_unknown_and_crashes_nothing():
    for whole in WHOLE:
        for field in set(fields(whole)) - {"subject", "targeted"}:
            report = diagnose(replace(whole, **{field: NOBODY}), None, KNOWLEDGE, RULES)
            assert report.count(Verdict.CRASH) == 0, field
        report = diagnose(Facts(subject=whole.subject), None, KNOWLEDGE, RULES)
        assert report.count(Verdict.CRASH) == report.count(Verdict.PASS) == report.count(Verdict.FAIL) == 0


def test_rules_open_no_file_socket_or_process():
    """Under an audit hook, once everything that they import is imported."""
    code = """
import sys
from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.rules import load_rules
from tests.rules.test_purity import WHOLE
knowledge, rules = load_knowledge(), load_rules()
[diagnose(facts, None, knowledge, rules) for facts in WHOLE]  # what is imported only when needed is imported now
touched = []
watched = ("open", "subprocess.", "socket.", "os.system", "os.exec", "os.listdir", "os.scandir", "shutil.", "ctypes.dlopen")
sys.addaudithook(lambda event, arguments: touched.append((event, arguments)) if event.startswith(watched) else None)
reports = [diagnose(facts, None, knowledge, rules) for facts in WHOLE]
found = list(touched)
print(found, sum(len(report.outcomes) for report in reports))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert ran.stdout == f"[] {len(WHOLE) * len(RULES)}\n", ran.stdout + ran.stderr
