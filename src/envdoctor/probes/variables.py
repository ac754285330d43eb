"""Environment variables that change what frameworks, compilers and loaders do."""

from __future__ import annotations

import re

from envdoctor.model.unknown import Unknown
from envdoctor.system.port import SourceError, System

NAMES = (
    # what programs see of CUDA
    "CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUDA_MODULE_LOADING",
    "CUDA_LAUNCH_BLOCKING", "CUDA_CACHE_DISABLE", "CUDA_FORCE_PTX_JIT", "CUDA_DISABLE_PTX_JIT", "CUDA_MPS_PIPE_DIRECTORY",
    "CUDNN_PATH", "CUDNN_LOGINFO_DBG", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_REQUIRE_CUDA",
    "NVIDIA_DISABLE_REQUIRE", "CUDA_VERSION", "NV_CUDA_COMPAT_PACKAGE",
    # of AMD, Intel and TPU devices
    "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION", "HSA_ENABLE_SDMA", "ROCM_PATH", "ROCM_HOME",
    "HIP_PATH", "GPU_DEVICE_ORDINAL", "ONEAPI_DEVICE_SELECTOR", "ONEAPI_ROOT", "ZE_AFFINITY_MASK", "SYCL_DEVICE_FILTER",
    "TPU_NAME", "TPU_VISIBLE_DEVICES", "TPU_VISIBLE_CHIPS", "TPU_WORKER_ID", "TPU_LIBRARY_PATH", "TPU_ACCELERATOR_TYPE",
    "PJRT_DEVICE",
    # the loader
    "LD_LIBRARY_PATH", "LD_PRELOAD", "LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES",
    # Python and its environments
    "PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONSTARTUP", "PYTHON_GIL", "VIRTUAL_ENV",
    "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "CONDA_SHLVL", "CONDA_OVERRIDE_CUDA", "PYENV_VERSION", "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_BINARY", "UV_INDEX_URL", "UV_DEFAULT_INDEX",
    "UV_TORCH_BACKEND",
    # frameworks
    "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_GPU_ALLOCATOR", "TF_USE_LEGACY_KERAS",
    "TF_XLA_FLAGS", "TF_CUDNN_USE_AUTOTUNE", "TF_DETERMINISTIC_OPS", "TF_GPU_THREAD_MODE", "XLA_FLAGS",
    "XLA_PYTHON_CLIENT_PREALLOCATE", "XLA_PYTHON_CLIENT_MEM_FRACTION", "XLA_PYTHON_CLIENT_ALLOCATOR", "JAX_PLATFORMS",
    "JAX_PLATFORM_NAME", "JAX_ENABLE_X64", "KERAS_BACKEND", "KERAS_HOME", "PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF",
    "PYTORCH_HIP_ALLOC_CONF", "PYTORCH_NVML_BASED_CUDA_CHECK", "PYTORCH_ENABLE_MPS_FALLBACK", "PYTORCH_ROCM_ARCH",
    "PYTORCH_MPS_HIGH_WATERMARK_RATIO", "PYTORCH_JIT", "TORCH_CUDA_ARCH_LIST", "TORCH_HOME", "TORCH_EXTENSIONS_DIR",
    "TORCH_DEVICE_BACKEND_AUTOLOAD", "TORCH_USE_CUDA_DSA", "TORCH_BLAS_PREFER_CUBLASLT", "TORCHINDUCTOR_CACHE_DIR",
    "TRITON_CACHE_DIR", "TRITON_PTXAS_PATH", "BNB_CUDA_VERSION", "VLLM_ATTENTION_BACKEND", "VLLM_USE_V1",
    "VLLM_WORKER_MULTIPROC_METHOD", "VLLM_TARGET_DEVICE", "FLASH_ATTENTION_FORCE_BUILD", "FLASH_ATTENTION_SKIP_CUDA_BUILD",
    "MAX_JOBS", "DS_BUILD_OPS", "HF_HOME", "HF_HUB_OFFLINE", "HF_ENDPOINT", "TRANSFORMERS_OFFLINE", "TRANSFORMERS_CACHE",

    "MXNET_CUDNN_AUTOTUNE_DEFAULT",
    # several GPUs and nodes
    "NCCL_DEBUG", "NCCL_P2P_DISABLE", "NCCL_P2P_LEVEL", "NCCL_IB_DISABLE", "NCCL_IB_HCA", "NCCL_SOCKET_IFNAME",
    "NCCL_SHM_DISABLE", "NCCL_NET_GDR_LEVEL", "NCCL_TOPO_FILE", "NCCL_CUMEM_ENABLE", "NCCL_NVLS_ENABLE", "NCCL_ALGO",
    "NCCL_PROTO", "NCCL_BLOCKING_WAIT", "NCCL_ASYNC_ERROR_HANDLING", "TORCH_NCCL_ASYNC_ERROR_HANDLING",
    "SLURM_JOB_ID", "SLURM_JOB_GPUS",
    # threads and numerics
    "OMP_NUM_THREADS", "OMP_PROC_BIND", "KMP_AFFINITY", "KMP_DUPLICATE_LIB_OK", "MKL_NUM_THREADS", "MKL_THREADING_LAYER",
    "MKL_SERVICE_FORCE_INTEL", "MKL_DEBUG_CPU_TYPE", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "NUMEXPR_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    # building extensions
    "CC", "CXX", "CUDAHOSTCXX", "NVCC_PREPEND_FLAGS", "NVCC_APPEND_FLAGS", "CMAKE_ARGS", "CFLAGS", "CXXFLAGS",
    # network and places
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "TMPDIR", "XDG_CACHE_HOME", "WSL_DISTRO_NAME",
)  # fmt: skip
"""The port answers for one name at a time, so that a recording holds no variable that nobody asked for; and only names
whose values a recording keeps stand here, so that its replay tells the same."""

_CREDENTIALS = re.compile(r"(?<=//)[^/\s@]*@")
_SECRET_WORDS = re.compile(r"(?i)((?:token|secret|passw(?:or)?d|api_?key)[\w-]*=)[^\s&;,]+")


def probe_variables(system: System) -> dict[str, str] | Unknown:
    """The variables of NAMES that are set, with credentials taken out of addresses."""
    found = {}
    for name in NAMES:
        try:
            value = system.env(name)
        except SourceError as error:
            return Unknown(str(error))
        if value is not None:
            found[name] = without_credentials(value)
    return found


def without_credentials(value: str) -> str:
    """A value with `user:password@` of every address and every `token=...` replaced by `***`."""
    return _SECRET_WORDS.sub(r"\1***", _CREDENTIALS.sub("***@", value))
