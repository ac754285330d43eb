"""The rules: one file each, one folder per subject. A new rule is a new file and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from envdoctor.model.findings import Rule

if TYPE_CHECKING:
    from envdoctor.model.facts import Facts

ALL: tuple[str, ...] = (
    # gpu
    "gpu.gpu_hardware",
    "gpu.gpu_compute_prohibited",
    "gpu.gpu_thermal_throttle",
    "gpu.gpu_needs_reset",
    "gpu.gpu_ecc_uncorrected",
    "gpu.gpu_row_remap_failed",
    "gpu.gpu_row_remap_pending",
    "gpu.gpu_retired_pages",
    "gpu.gpu_xid_errors",
    "gpu.nvswitch_errors",
    "gpu.confidential_compute_not_ready",
    "gpu.vgpu_unlicensed",
    "gpu.nvlink_down",
    "gpu.nvlink_errors",
    "gpu.acs_enabled",
    "gpu.iommu_translates_gpus",
    "gpu.infiniband_port_down",
    "gpu.peermem_missing",
    "gpu.nccl_variables_harmful",
    "gpu.fabric_manager",
    "gpu.mig_misconfig",
    "gpu.mig_mixed",
    "gpu.pcie_width_degraded",
    "gpu.pcie_generation_degraded",
    "gpu.pcie_replays",
    "gpu.bar1_too_small",
    "gpu.gpu_power_capped",
    "gpu.persistence_off",
    "gpu.gpu_numa_far",
    "gpu.gpu_memory_in_use",
    "gpu.amd_driver_not_bound",
    "gpu.amd_device_missing",
    "gpu.amd_no_permission",
    "gpu.amd_iommu_translates",
    "gpu.intel_runtime_missing",
    "gpu.intel_no_permission",
    "gpu.tpu_library_missing",
    # driver
    "driver.no_driver",
    "driver.driver_not_loaded",
    "driver.driver_library_mismatch",
    "driver.nvml_no_permission",
    "driver.driver_drops_gpu",
    "driver.open_kernel_module_required",
    "driver.driver_too_old",
    "driver.wsl_misconfig",
    # container
    "container.container_no_gpu",
    "container.container_shm_too_small",
    "container.container_memory_limit",
    "container.cpu_oversubscribed",
    # storage
    "storage.disk_full",
    "storage.temporary_folder_full",
    "storage.read_only_environment",
    "storage.environment_on_network_storage",
    # python
    "python.python_is_32bit",
    "python.python_under_rosetta",
    "python.python_end_of_life",
    "python.python_unsupported",
    # system
    "system.platform_unsupported",
    "system.glibc_too_old",
    "system.libstdcxx_too_old",
    "system.avx_missing",
    # cuda
    "cuda.cuda_hidden",
    "cuda.cuda_libs_conflict",
    "cuda.cudnn_mismatch",
    "cuda.forward_compat_unsupported",
    "cuda.nvcc_torch_mismatch",
    "cuda.host_compiler_unsupported",
    # framework
    "framework.ort_cpu_gpu_both",
    "framework.jax_plugin_mismatch",
    "framework.tf_no_gpu_windows",
    "framework.tf_missing_cuda_libs",
    "framework.cpu_only_build",
    "framework.rocm_wrong_wheel",
    "framework.rocm_arch_unsupported",
    "framework.mps_unavailable",
    "framework.ort_cuda_mismatch",
    "framework.gpu_arch_too_new",
    "framework.gpu_arch_too_old",
    "framework.framework_cannot_use_gpu",
    "framework.framework_retired",
    "framework.torch_compile_unsupported",
    # package
    "package.torch_companion_mismatch",
    "package.protobuf_conflict",
    "package.numpy2_abi",
    "package.dependency_conflict",
    "package.mixed_pip_conda",
    "package.broken_package_metadata",
    "package.extension_binary_missing",
    "package.extension_abi_mismatch",
    # loader
    "loader.cuda_library_not_found",
    "loader.cuda_stub_library",
    "loader.openmp_duplicate",
    "loader.packages_share_files",
    "loader.package_files_missing",
    "loader.standard_library_shadowed",
    # symptoms
    "symptoms.build_isolation",
    "symptoms.cuda_init_failed",
    "symptoms.extension_arch_mismatch",
    "symptoms.gpu_feature_unsupported",
    "symptoms.host_compiler_missing",
    "symptoms.libcuda_not_linkable",
    "symptoms.mkl_mismatch",
    "symptoms.msvc_runtime_missing",
    "symptoms.nccl_p2p_topology",
    "symptoms.nvcc_missing",
    "symptoms.python_headers_missing",
    "symptoms.wheel_index_wrong",
    # profile
    "profile.profile_os_unmet",
    "profile.profile_architecture_unmet",
    "profile.profile_glibc_unmet",
    "profile.profile_cpu_features_unmet",
    "profile.profile_cpu_level_unmet",
    "profile.profile_cpu_cores_unmet",
    "profile.profile_ram_unmet",
    "profile.profile_disk_unmet",
    "profile.profile_figures_unmet",
    "profile.profile_shm_unmet",
    "profile.profile_gpu_unmet",
    "profile.profile_accelerator_unmet",
    "profile.profile_driver_unmet",
    "profile.profile_toolkit_unmet",
    "profile.profile_tools_unmet",
    "profile.profile_python_unmet",
    "profile.profile_packages_unmet",
    "profile.profile_build_unmet",
    "profile.profile_cuda_unmet",
    "profile.profile_cudnn_unmet",
    "profile.profile_variables_unmet",
    "profile.profile_retired",
)
"""Every rule as `folder.file`; the function in the file has the file's name."""


RECIPES: tuple[str, ...] = (
    "recipe.image_index_wrong",
    "recipe.image_system_python_managed",
    "recipe.image_installs_driver",
    "recipe.image_cuda_libraries_missing",
    "recipe.image_cuda_mismatch",
    "recipe.image_cpu_build",
    "recipe.image_hides_gpu",
    "recipe.image_unpinned",
)
"""Rules that judge the text of a Dockerfile; only `lint` asks them."""

_FOR_PROFILES = "profile."


def load_rules(*, for_profile: bool = True, for_recipe: bool = False, facts: Facts | None = None) -> tuple[Rule, ...]:
    """The rules, in the order above; without those that judge a profile where there is none, which saves their imports.

    Args:
        for_profile: with those that judge a profile.
        for_recipe: with those that judge the text of a Dockerfile.
        facts: what they will judge, and nothing else: the modules of rules that these end at once are not read.
    """
    paths = (*ALL, *RECIPES) if for_recipe else ALL
    asleep: dict[str, Rule] = {}
    if facts is not None:
        from envdoctor.rules.asleep import sleeping_rules

        asleep = sleeping_rules(facts)
    return tuple(asleep.get(path) or load_rule(path) for path in paths if for_profile or not path.startswith(_FOR_PROFILES))


def load_recipe_rules() -> tuple[Rule, ...]:
    """The rules that judge the text of a Dockerfile."""
    return tuple(load_rule(path) for path in RECIPES)


def rule_names(*, for_recipe: bool = False) -> tuple[str, ...]:
    """The names of the rules, in the order above."""
    paths = (*ALL, *RECIPES) if for_recipe else ALL
    return tuple(path.rpartition(".")[2].replace("_", "-") for path in paths)


def load_rule_named(name: str) -> Rule:
    """One rule by its name, read in full also where facts had ended it at a glance.

    Raises:
        KeyError: there is no rule of that name.
    """
    paths = {path.rpartition(".")[2].replace("_", "-"): path for path in (*ALL, *RECIPES)}
    return load_rule(paths[name])


def load_rule(path: str) -> Rule:
    """One rule by its `folder.file`."""
    module = import_module(f"envdoctor.rules.{path}")
    loaded = getattr(module, path.rpartition(".")[2])
    if not isinstance(loaded, Rule):
        raise TypeError(f"envdoctor.rules.{path} does not define its rule with @rule")
    return loaded
