"""Rules that facts end at a glance: told to be not applicable without their modules being read.

Reading a module takes longer than judging by it, and on most machines more than half of the rules ask first for something that
is not there: an NVIDIA GPU, a message in a report, a variable. What they would say then stands here, and a test holds that
each of them says just that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from envdoctor.model.facts import Container, Facts, skip
from envdoctor.model.findings import Case, Finding, Outcome, Rule, Severity, Verdict
from envdoctor.rules.glances import (
    are_several_in_a_virtual_machine,
    has_messages,
    has_no_adapter,
    has_no_driver,
    has_no_gpu_for_torch,
    has_no_gpu_of,
    has_no_message,
    has_no_nccl_variable,
    has_no_nvidia_gpu,
    has_no_tpu,
    has_one_node,
    has_torch_of,
    is_in_container,
    is_not_confidential,
    is_not_installed,
    is_not_wsl,
    is_this_linux,
    is_virtual,
    lacks,
    lacks_quota,
    with_nvidia,
)

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


_TOLD = {
    Severity.ERROR: "symptoms.build_isolation symptoms.cuda_init_failed symptoms.extension_arch_mismatch "
    "symptoms.gpu_feature_unsupported symptoms.host_compiler_missing symptoms.libcuda_not_linkable symptoms.mkl_mismatch "
    "symptoms.msvc_runtime_missing symptoms.nccl_p2p_topology symptoms.nvcc_missing symptoms.python_headers_missing "
    "symptoms.wheel_index_wrong"
}
"""What only a message can show; what messages say is joined to these rules afterwards."""
ROWS: tuple[Row, ...] = (
    (
        has_no_nvidia_gpu,
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
        has_no_gpu_of("amd"),
        "there is no AMD GPU",
        {
            Severity.ERROR: "gpu.amd_driver_not_bound gpu.amd_device_missing gpu.amd_no_permission",
            Severity.WARNING: "gpu.amd_iommu_translates",
        },
    ),
    (
        has_no_gpu_of("intel"),
        "there is no Intel GPU",
        {Severity.ERROR: "gpu.intel_runtime_missing gpu.intel_no_permission"},
    ),
    (has_no_tpu, "there is no TPU", {Severity.ERROR: "gpu.tpu_library_missing"}),
    (
        has_no_driver,
        "there is no NVIDIA driver",
        {
            Severity.ERROR: "gpu.gpu_hardware gpu.confidential_compute_not_ready driver.driver_library_mismatch "
            "driver.nvml_no_permission"
        },
    ),
    (with_nvidia(is_virtual), "a virtual machine does not show the real lanes", {Severity.INFO: "gpu.pcie_width_degraded"}),
    (
        with_nvidia(is_virtual),
        "a virtual machine does not show the real link",
        {Severity.WARNING: "gpu.pcie_generation_degraded"},
    ),
    (
        with_nvidia(are_several_in_a_virtual_machine),
        "in a virtual machine ACS has to stay on",
        {Severity.WARNING: "gpu.acs_enabled"},
    ),
    (
        with_nvidia(are_several_in_a_virtual_machine),
        "in a virtual machine the host decides",
        {Severity.WARNING: "gpu.iommu_translates_gpus"},
    ),
    (
        with_nvidia(has_no_adapter),
        "no InfiniBand or RoCE port is active",
        {Severity.WARNING: "gpu.peermem_missing", Severity.INFO: "gpu.bar1_too_small"},
    ),
    (
        with_nvidia(has_no_adapter),
        "there is no InfiniBand or RoCE adapter",
        {Severity.WARNING: "gpu.infiniband_port_down"},
    ),
    (with_nvidia(has_one_node), "there is one NUMA node only", {Severity.INFO: "gpu.gpu_numa_far"}),
    (with_nvidia(has_no_nccl_variable), "no variable for NCCL is set", {Severity.WARNING: "gpu.nccl_variables_harmful"}),
    (
        with_nvidia(lambda _facts, gpus: all(gpu.mig_enabled in {None, False} for gpu in gpus)),
        "no GPU is in MIG mode",
        {Severity.ERROR: "gpu.mig_misconfig"},
    ),
    (
        with_nvidia(lambda _facts, gpus: all(gpu.retired_pages is None for gpu in gpus)),
        "this GPU does not retire pages of its memory",
        {Severity.WARNING: "gpu.gpu_retired_pages"},
    ),
    (
        with_nvidia(lambda _facts, gpus: all(gpu.virtualization_mode in {None, "none", "pass_through"} for gpu in gpus)),
        "this is no virtual GPU",
        {Severity.WARNING: "gpu.vgpu_unlicensed"},
    ),
    (
        with_nvidia(is_not_confidential),
        "confidential computing is off",
        {Severity.ERROR: "gpu.confidential_compute_not_ready"},
    ),
    (with_nvidia(is_in_container), "inside a container: the driver is the host's", {Severity.ERROR: "driver.no_driver"}),
    (
        with_nvidia(lambda facts, _gpus: isinstance(facts.container, Container)),
        "the kernel is not this system's own",
        {Severity.ERROR: "driver.driver_not_loaded"},
    ),
    (lacks_quota("memory_bytes"), "no memory limit is set", {Severity.WARNING: "container.container_memory_limit"}),
    (lacks_quota("cpu_cores"), "no CPU quota is set", {Severity.INFO: "container.cpu_oversubscribed"}),
    (has_torch_of("cuda", "cpu"), "torch is not a ROCm build", {Severity.ERROR: "framework.rocm_arch_unsupported"}),
    (has_no_gpu_for_torch, "there is no NVIDIA or AMD GPU", {Severity.ERROR: "framework.rocm_wrong_wheel"}),
    (has_no_message, "only an error message shows it: envdoctor check --report FILE", _TOLD),
    (has_messages, "no message in the text shows it", _TOLD),
    (
        is_this_linux,
        "this is about macOS",
        {Severity.ERROR: "python.python_under_rosetta framework.mps_unavailable"},
    ),
    (is_not_wsl, "not inside WSL", {Severity.ERROR: "driver.wsl_misconfig"}),
    (is_this_linux, "this is about Windows", {Severity.ERROR: "framework.tf_no_gpu_windows"}),
    (
        lacks("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
        "CUDA_VISIBLE_DEVICES is not set",
        {Severity.ERROR: "cuda.cuda_hidden"},
    ),
    (
        lacks("LD_LIBRARY_PATH"),
        "no folder of a cuda-compat package is on LD_LIBRARY_PATH",
        {Severity.ERROR: "cuda.forward_compat_unsupported"},
    ),
    (lacks("LD_LIBRARY_PATH"), "LD_LIBRARY_PATH is not set", {Severity.WARNING: "loader.cuda_stub_library"}),
    *(
        (is_not_installed(kind, name), f"{name} is not installed", {Severity.ERROR: path})
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
