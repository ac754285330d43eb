"""Rules that facts end at a glance: told to be not applicable without their modules being read.

Reading a module takes longer than judging by it, and on most machines more than half of the rules ask first for something that
is not there: an NVIDIA GPU, a message in a report, a variable. What they would say then stands here, and a test holds that
each of them says just that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from envdoctor.model.facts import Facts, OperatingSystem, PythonEnvironment, Unknown, skip
from envdoctor.model.findings import Case, Finding, Outcome, Rule, Severity, Verdict

Row = tuple[Callable[[Facts], bool], str, Mapping[Severity, str]]
"""Whether facts end these rules, with which reason, and which they are, by severity."""


def sleeping_rules(facts: Facts) -> dict[str, Rule]:
    """The rules that these facts end at once, by `folder.file`: each says why, and nothing else."""
    found: dict[str, Rule] = {}
    for is_without, why, rules in ROWS:
        if is_without(facts):
            for severity, paths in rules.items():
                found.update((path, _sleeping(path, severity, why)) for path in paths.split())
    return found


_planned: tuple[tuple[Rule, ...], tuple[tuple[Callable[[Facts], bool], dict[str, Outcome]], ...]] = ((), ())
"""The rules that were asked about last, and how each row ends those of them that it names."""


def ended_at_a_glance(facts: Facts, rules: tuple[Rule, ...]) -> dict[str, Outcome]:
    """How rules end that these facts end at once, by name: what each would say if it were asked, without asking it."""
    global _planned
    asked, rows = _planned
    if asked is not rules:
        rows = _rows_of(rules)
        _planned = rules, rows
    ended: dict[str, Outcome] = {}
    for is_without, outcomes in rows:
        if is_without(facts):
            ended.update(outcomes)
    return ended


def _rows_of(rules: tuple[Rule, ...]) -> tuple[tuple[Callable[[Facts], bool], dict[str, Outcome]], ...]:
    """The rows with the outcome of each rule that they name and that was loaded from its own module."""
    own = {rule.name: rule for rule in rules if rule.judge.__module__.startswith("envdoctor.rules.")}
    rows = []
    for is_without, why, named in ROWS:
        names = [path.rpartition(".")[2].replace("_", "-") for paths in named.values() for path in paths.split()]
        outcomes = {name: Outcome(own[name], Verdict.SKIP, (), why) for name in names if name in own}
        rows.append((is_without, outcomes))
    return tuple(rows)


def _sleeping(path: str, severity: Severity, why: str) -> Rule:
    def judge(_case: Case) -> Iterator[Finding]:
        raise skip(why)

    subject, _, name = path.partition(".")
    return Rule(name.replace("_", "-"), subject, severity, judge)


def _is_this_linux(facts: Facts) -> bool:
    """Whether this is a Linux that was looked at: texts may speak of what they do not list."""
    return facts.subject.kind != "report" and isinstance(facts.os, OperatingSystem) and facts.os.system == "linux"


def _is_not_wsl(facts: Facts) -> bool:
    return _is_this_linux(facts) and isinstance(facts.os, OperatingSystem) and facts.os.wsl is None


def _has_no_nvidia_gpu(facts: Facts) -> bool:
    if not _is_this_linux(facts) or "gpus" in facts.targeted or isinstance(facts.gpus, Unknown):
        return False
    return not any(gpu.vendor == "nvidia" for gpu in facts.gpus)


def _has_no_gpu_of(vendor: str) -> Callable[[Facts], bool]:
    def is_without(facts: Facts) -> bool:
        if not _is_this_linux(facts) or "gpus" in facts.targeted or isinstance(facts.gpus, Unknown):
            return False
        return not any(gpu.vendor == vendor for gpu in facts.gpus)

    return is_without


def _has_no_tpu(facts: Facts) -> bool:
    if not _is_this_linux(facts) or isinstance(facts.devices, Unknown):
        return False
    return not any(device.vendor == "google" for device in facts.devices)


def _has_no_driver(facts: Facts) -> bool:
    return _is_this_linux(facts) and facts.driver is None and "driver" not in facts.targeted


def _has_no_message(facts: Facts) -> bool:
    return not isinstance(facts.messages, tuple)


def _has_messages(facts: Facts) -> bool:
    return isinstance(facts.messages, tuple)


def _lacks(*names: str) -> Callable[[Facts], bool]:
    """Whether none of these variables is set, on Linux."""

    def is_without(facts: Facts) -> bool:
        variables = facts.variables
        return _is_this_linux(facts) and not isinstance(variables, Unknown) and not any(name in variables for name in names)

    return is_without


def _is_without(kind: str, name: str) -> Callable[[Facts], bool]:
    """Whether an environment that was looked at holds no package, or no framework, of that name."""

    def is_without(facts: Facts) -> bool:
        here = facts.environment
        if not _is_this_linux(facts) or not isinstance(here, PythonEnvironment):
            return False
        return (here.package(name) if kind == "package" else here.framework(name)) is None

    return is_without


_TOLD = {
    Severity.ERROR: "symptoms.build_isolation symptoms.cuda_init_failed symptoms.extension_arch_mismatch "
    "symptoms.gpu_feature_unsupported symptoms.host_compiler_missing symptoms.libcuda_not_linkable symptoms.mkl_mismatch "
    "symptoms.msvc_runtime_missing symptoms.nccl_p2p_topology symptoms.nvcc_missing symptoms.python_headers_missing "
    "symptoms.wheel_index_wrong"
}
"""What only a message can show; what messages say is joined to these rules afterwards."""
ROWS: tuple[Row, ...] = (
    (
        _has_no_nvidia_gpu,
        "there is no NVIDIA GPU",
        {
            Severity.ERROR: "gpu.gpu_compute_prohibited gpu.gpu_needs_reset gpu.gpu_ecc_uncorrected gpu.gpu_row_remap_failed "
            "gpu.nvlink_down gpu.fabric_manager gpu.mig_misconfig driver.no_driver driver.driver_not_loaded "
            "driver.driver_drops_gpu driver.open_kernel_module_required driver.driver_too_old framework.gpu_arch_too_new "
            "framework.gpu_arch_too_old",
            Severity.WARNING: "gpu.gpu_thermal_throttle gpu.gpu_row_remap_pending gpu.gpu_retired_pages gpu.gpu_xid_errors "
            "gpu.nvswitch_errors gpu.vgpu_unlicensed gpu.nvlink_errors gpu.acs_enabled gpu.iommu_translates_gpus "
            "gpu.infiniband_port_down gpu.peermem_missing gpu.nccl_variables_harmful gpu.mig_mixed "
            "gpu.pcie_generation_degraded gpu.gpu_power_capped",
            Severity.INFO: "gpu.pcie_width_degraded gpu.pcie_replays gpu.bar1_too_small gpu.persistence_off gpu.gpu_numa_far "
            "gpu.gpu_memory_in_use",
        },
    ),
    (
        _has_no_gpu_of("amd"),
        "there is no AMD GPU",
        {
            Severity.ERROR: "gpu.amd_driver_not_bound gpu.amd_device_missing gpu.amd_no_permission",
            Severity.WARNING: "gpu.amd_iommu_translates",
        },
    ),
    (
        _has_no_gpu_of("intel"),
        "there is no Intel GPU",
        {Severity.ERROR: "gpu.intel_runtime_missing gpu.intel_no_permission"},
    ),
    (_has_no_tpu, "there is no TPU", {Severity.ERROR: "gpu.tpu_library_missing"}),
    (
        _has_no_driver,
        "there is no NVIDIA driver",
        {
            Severity.ERROR: "gpu.gpu_hardware gpu.confidential_compute_not_ready driver.driver_library_mismatch "
            "driver.nvml_no_permission"
        },
    ),
    (_has_no_message, "only an error message shows it: envdoctor check --report FILE", _TOLD),
    (_has_messages, "no message in the text shows it", _TOLD),
    (
        _is_this_linux,
        "this is about macOS",
        {Severity.ERROR: "python.python_under_rosetta framework.mps_unavailable"},
    ),
    (_is_not_wsl, "not inside WSL", {Severity.ERROR: "driver.wsl_misconfig"}),
    (_is_this_linux, "this is about Windows", {Severity.ERROR: "framework.tf_no_gpu_windows"}),
    (
        _lacks("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
        "CUDA_VISIBLE_DEVICES is not set",
        {Severity.ERROR: "cuda.cuda_hidden"},
    ),
    (
        _lacks("LD_LIBRARY_PATH"),
        "no folder of a cuda-compat package is on LD_LIBRARY_PATH",
        {Severity.ERROR: "cuda.forward_compat_unsupported"},
    ),
    (_lacks("LD_LIBRARY_PATH"), "LD_LIBRARY_PATH is not set", {Severity.WARNING: "loader.cuda_stub_library"}),
    *(
        (_is_without(kind, name), f"{name} is not installed", {Severity.ERROR: path})
        for kind, name, path in (
            ("package", "jax", "framework.jax_plugin_mismatch"),
            ("package", "protobuf", "package.protobuf_conflict"),
            ("package", "numpy", "package.numpy2_abi"),
            ("package", "bitsandbytes", "package.extension_binary_missing"),
            ("framework", "tensorflow", "framework.tf_missing_cuda_libs"),
            ("framework", "onnxruntime", "framework.ort_cuda_mismatch"),
        )
    ),
)
