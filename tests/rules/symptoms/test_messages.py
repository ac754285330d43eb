"""Known messages through the whole way of a report: which rule comes first."""

from __future__ import annotations

import re

import pytest

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.messages import message_rules, message_text, with_messages
from envdoctor.knowledge.supposing import suppose_facts
from envdoctor.model.findings import Confidence, Severity
from envdoctor.reports.reading import read_report
from envdoctor.rules import load_rules, rule_names

KNOWLEDGE, RULES = load_knowledge(), load_rules(for_profile=False)


def diagnosed(text):
    facts, lines = read_report(text, "a text")
    return diagnose(with_messages(suppose_facts(facts, KNOWLEDGE), KNOWLEDGE, lines), None, KNOWLEDGE, RULES)


def named(text):
    return [finding.rule for finding in diagnosed(text).findings if finding.severity is not Severity.INFO]


ERRORS = [
    ("driver-too-old", "The NVIDIA driver on your system is too old (found version 11040)."),
    ("driver-too-old", "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.6, please update your driver"),
    ("driver-too-old", "RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain."),
    ("driver-too-old", "CUDA driver version is insufficient for CUDA runtime version"),
    ("driver-library-mismatch", "NVRM: API mismatch: the client has the version 535.1, but this kernel "
     "module has the version 530.2"),
    ("driver-library-mismatch", "kernel version 470.57.2 does not match DSO version 470.82.1 -- cannot find working devices"),
    ("driver-library-mismatch", "Error 803: system has unsupported display driver / cuda driver combination"),
    ("forward-compat-unsupported", "Error 804: forward compatibility was attempted on non supported HW"),
    ("open-kernel-module-required", "NVRM: installed in this system requires use of the NVIDIA open kernel modules."),
    ("driver-drops-gpu", "NVRM: The NVIDIA GeForce GT 710 GPU is supported through the NVIDIA 470.xx Legacy drivers."),
    ("no-driver", "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."),
    ("no-driver", "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU"),
    ("no-driver", "modprobe: ERROR: could not insert 'nvidia': Key was rejected by service"),
    ("wsl-misconfig", "Failed to initialize NVML: GPU access blocked by the operating system"),
    ("container-no-gpu", 'docker: could not select device driver "" with capabilities: [[gpu]].'),
    ("container-no-gpu", "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1"),
    ("container-no-gpu", "WARNING: The NVIDIA Driver was not detected.  GPU functionality will not be available."),
    ("container-no-gpu", "Failed to initialize NVML: Unknown Error"),
    ("container-shm-too-small", "RuntimeError: DataLoader worker (pid 77) is killed by signal: Bus error."),
    ("container-shm-too-small", "RuntimeError: unable to write to file </torch_123_456>: No space left on device (28)"),
    ("container-shm-too-small", "NCCL WARN Error while creating shared memory segment /dev/shm/nccl-Xy (size 9637888)"),
    ("gpu-hardware", "NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus."),
    ("gpu-hardware", "RuntimeError: CUDA error: uncorrectable ECC error encountered"),
    ("gpu-hardware", "Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost."),
    ("fabric-manager", "Error 802: system not yet initialized"),
    ("fabric-manager", "failed call to cuInit: CUDA_ERROR_SYSTEM_NOT_READY"),
    ("mig-misconfig", "ValueError: invalid literal for int() with base 10: 'MIG-9e1a'"),
    ("cuda-init-failed", "CUDA unknown error - this may be due to an incorrectly set up environment, e.g. changing env"),
    ("cuda-init-failed", "failed call to cuInit: CUDA_ERROR_UNKNOWN: unknown error"),
    ("cuda-hidden", "export CUDA_VISIBLE_DEVICES=7\nRuntimeError: No CUDA GPUs are available"),
    ("nccl-p2p-topology", "RuntimeError: CUDA error: peer access is not supported between these two devices"),
    ("gpu-arch-too-old", "Found GPU0 Tesla K40c which is of cuda capability 3.5.\nPyTorch no "
     "longer supports this GPU because it is too old."),
    ("gpu-arch-too-new", "NVIDIA H100 PCIe with CUDA capability sm_90 is not compatible with the current PyTorch installation."),
    ("gpu-arch-too-old", "Quadro M4000 with CUDA capability sm_52 is not compatible with the current PyTorch installation."),
    ("gpu-arch-too-old", "Ignoring visible gpu device (device: 0) with Cuda compute capability "
     "3.0. The minimum required Cuda capability is 3.5."),
    ("gpu-arch-too-new", "ptxas fatal   : Value 'sm_120' is not defined for option 'gpu-name'"),
    ("extension-arch-mismatch", "Error no kernel image is available for execution on the device at line 167 in file x/ops.cu"),
    ("gpu-feature-unsupported", "RuntimeError: FlashAttention only supports Ampere GPUs or newer."),
    ("gpu-feature-unsupported", "Bfloat16 is only supported on GPUs with compute capability of at "
     "least 8.0. Your Tesla V100 GPU has 7.0"),
    ("gpu-feature-unsupported", "torch._scaled_mm is only supported on CUDA devices with compute capability >= 9.0 or 8.9"),
    ("gpu-feature-unsupported", "Found Tesla P40 which is too old to be supported by the triton GPU compiler"),
    ("rocm-arch-unsupported", "RuntimeError: HIP error: invalid device function"),
    ("rocm-arch-unsupported", "rocBLAS error: Cannot read /opt/rocm/lib/TensileLibrary.dat: No such file for GPU arch : gfx1103"),
    ("rocm-wrong-wheel", "ImportError: libamdhip64.so.6: cannot open shared object file: No such file or directory"),
    ("rocm-wrong-wheel", "GPU: AMD Radeon RX 7900 XTX\nAssertionError: Torch not compiled with CUDA enabled"),
    ("cpu-only-build", "AssertionError: Torch not compiled with CUDA enabled"),
    ("cpu-only-build", "An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed."),
    ("cpu-only-build", "ValueError: This CTranslate2 package was not compiled with CUDA support"),
    ("torch-companion-mismatch", "RuntimeError: operator torchvision::nms does not exist"),
    ("torch-companion-mismatch", "xFormers was built for:\n    PyTorch 2.1.0+cu121 with CUDA 1201 (you have 2.3.1+cu121)"),
    ("torch-companion-mismatch", "torchvision 0.16.0 requires torch==2.1.0, but you have torch 2.3.0 which is incompatible."),
    ("torch-companion-mismatch", "torchvision/_C.so: undefined symbol: _ZN3c106detail14torchCheckFailE"),
    ("extension-abi-mismatch", "flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so: undefined symbol: _ZN3c104cuda9SetDeviceEi"),
    ("extension-abi-mismatch", "ImportError: libtorch_cuda_cu.so: cannot open shared object file: No such file or directory"),
    ("extension-abi-mismatch", "ImportError: DLL load failed while importing flash_attn_2_cuda: The "
     "specified procedure could not be found."),
    ("extension-binary-missing", "ModuleNotFoundError: No module named 'mmcv._ext'"),
    ("extension-binary-missing", "CUDA Setup failed despite GPU being available."),
    ("extension-binary-missing", "NameError: name '_C' is not defined"),
    ("mkl-mismatch", "libtorch_cpu.so: undefined symbol: iJIT_IsProfilingActive"),
    ("cuda-libs-conflict", "libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4, version libnvJitLink.so.12"),
    ("cuda-libs-conflict", "ImportError: libcudart.so.11.0: cannot open shared object file: No such file or directory"),
    ("tf-missing-cuda-libs", "Could not load dynamic library 'libcudnn.so.8'; dlerror: "
     "libcudnn.so.8: cannot open shared object file"),
    ("tf-missing-cuda-libs", "Cannot dlopen some GPU libraries. Please make sure the missing "
     "libraries mentioned above are installed"),
    ("ort-cuda-mismatch", "Failed to create CUDAExecutionProvider. Require cuDNN 9.* and CUDA "
     "12.*, and the latest MSVC runtime."),
    ("ort-cpu-gpu-both", "Specified provider 'CUDAExecutionProvider' is not in available provider names."),
    ("cudnn-mismatch", "Loaded runtime CuDNN library: 8.6.0 but source was compiled with: 8.9.4."),
    ("cudnn-mismatch", "Could not load library libcudnn_cnn_infer.so.8. Error: libnvrtc.so: cannot open shared object file"),
    ("cudnn-mismatch", "RuntimeError: cuDNN version incompatibility: PyTorch was compiled against (9, 1, 0)"),
    ("jax-plugin-mismatch", "jaxlib version 0.4.30 is newer than and incompatible with jax version 0.4.26"),
    ("jax-plugin-mismatch", "JAX plugin jax_cuda12_plugin version 0.5.0 is installed, but it is "
     "not compatible with the installed jaxlib"),
    ("libstdcxx-too-old", "libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by x.so)"),
    ("glibc-too-old", "/lib64/libc.so.6: version `GLIBC_2.28' not found (required by x.so)"),
    ("nvcc-torch-mismatch", "The detected CUDA version (12.4) mismatches the version that was used "
     "to compile\n  PyTorch (11.8)."),
    ("nvcc-missing", "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root."),
    ("nvcc-missing", "fatal error: cuda_runtime.h: No such file or directory"),
    ("host-compiler-unsupported", "error: #error -- unsupported GNU version! gcc versions later than 12 are not supported!"),
    ("host-compiler-missing", "RuntimeError: Failed to find C compiler. Please specify via CC environment variable."),
    ("host-compiler-missing", "error: Microsoft Visual C++ 14.0 or greater is required."),
    ("python-headers-missing", "main.c:5:10: fatal error: Python.h: No such file or directory"),
    ("build-isolation", "Getting requirements to build wheel did not run "
     "successfully.\nModuleNotFoundError: No module named 'torch'"),
    ("libcuda-not-linkable", "/usr/bin/ld: cannot find -lcuda"),
    ("msvc-runtime-missing", 'OSError: [WinError 126] x. Error loading "D:\\e\\torch\\lib\\c10.dll" or one of its dependencies.'),
    ("numpy2-abi", "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.1 as it may crash."),
    ("numpy2-abi", "ImportError: numpy.core.multiarray failed to import"),
    ("protobuf-conflict", "TypeError: Descriptors cannot be created directly."),
    ("avx-missing", "The TensorFlow library was compiled to use AVX instructions, but these aren't available on your machine."),
    ("openmp-duplicate", "OMP: Error #15: Initializing libiomp5.so, but found libomp.so already initialized."),
    ("disk-full", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"),
    ("wheel-index-wrong", "ERROR: Could not find a version that satisfies the requirement "
     "torch==2.1.0+cu118 (from versions: 2.0.0, 2.1.0)"),
    ("platform-unsupported", "ERROR: Could not find a version that satisfies the requirement "
     "torch>=2.3 (from versions: 2.1.2, 2.2.2)"),
    ("platform-unsupported", "ImportError: x.so: mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64')"),
    ("python-unsupported", "ERROR: Could not find a version that satisfies the requirement tensorflow (from versions: none)"),
    ("python-unsupported", "RuntimeError: Dynamo is not supported on Python 3.13+"),
    ("python-unsupported", "ERROR: Package 'x' requires a different Python: 3.13.1 not in '<3.13,>=3.9'"),
    ("dependency-conflict", "ImportError: tokenizers>=0.21,<0.22 is required for a normal "
     "functioning of this module, but found tokenizers==0.15.0."),
    ("dependency-conflict", "ImportError: cannot import name 'cached_download' from 'huggingface_hub'"),
    ("no-driver", "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system."),
    ("no-driver", "Failed to initialize NVML: Driver Not Loaded"),
    ("cuda-libs-conflict", "Error 34: CUDA driver is a stub library"),
    ("cpu-only-build", "torch-1.9.0+cpu\nAssertionError: CUDA unavailable, invalid device 0 requested"),
    ("host-compiler-unsupported", "installed version of g++ (13.1) is greater than the maximum required version by CUDA"),
    ("nvcc-torch-mismatch", "RuntimeError: FlashAttention is only supported on CUDA 11.7 and above.  Note: make sure nvcc has"),
    ("python-unsupported", "Unable to find installation candidates for torch (2.3.1)"),
    ("platform-unsupported", "Alpine Linux v3.20\nrequirement torch (from versions: none)"),
    ("platform-unsupported", "Windows ARM64\nrequirement torch (from versions: none)"),
    ("python-unsupported", "ERROR: Could not find a version that satisfies the requirement torch==2.5.1 (from versions: 2.9.0)"),
    ("mps-unavailable", "RuntimeError: The MPS backend is supported on MacOS 14.0+."),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), ERRORS, ids=[f"{rule}-{place}" for place, (rule, _) in enumerate(ERRORS)])
def test_a_message_names_its_rule(rule, text):
    assert named(text)[:1] == [rule]


@pytest.mark.parametrize(("rule", "text"), ERRORS[::7], ids=str)
@pytest.mark.parametrize("paste", [
    lambda text: "\r\n".join(f"> {line}" for line in text.split("\n")),
    lambda text: f"```\n\x1b[31m{text}\x1b[0m\n```",
    lambda text: "\n".join(f"    - {line}" for line in text.split("\n")),
    lambda text: re.sub(r"(.{40}\S*) ", r"\1\n", text),
], ids=["quoted", "coloured", "in a list", "wrapped"])  # fmt: skip
def test_a_message_is_found_however_it_was_pasted(paste, rule, text):
    assert named(paste(text))[:1] == [rule]


@pytest.mark.parametrize("text", [
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 23.69 GiB total capacity)",
    "KeyError: 'model.layers.0.self_attn.qkv_proj.weight'",
    "RuntimeError: The size of tensor a (4) must match the size of tensor b (3) at non-singleton dimension 0",
    "AssertionError: Torch test failed\nxFormers 0.0.28\nNVRM: Xid (PCI:0000:01:00): 31, pid=2, MMU Fault",
    "CUDA error: device-side assert triggered",
    "Everything works, thank you!",
])  # fmt: skip
def test_errors_of_programs_are_no_errors_of_the_environment(text):
    assert named(text) == []


def test_facts_decide_what_a_message_leaves_open():
    kernel = "RuntimeError: CUDA error: no kernel image is available for execution on the device\n"
    host = "OS: Ubuntu 22.04 (x86_64)\nNvidia driver version: 570.86.15\n"
    assert named(kernel + host + "PyTorch version: 2.4.0+cu121\nGPU: NVIDIA GeForce RTX 5090")[0] == "gpu-arch-too-new"
    assert named(kernel + host + "PyTorch version: 2.8.0+cu128\nGPU: Tesla P100-PCIE-16GB")[0] == "gpu-arch-too-old"
    assert named(kernel + host + "PyTorch version: 2.8.0+cu128\nGPU: NVIDIA GeForce RTX 5090")[0] == "extension-arch-mismatch"


def test_a_message_is_evidence_of_the_finding_that_facts_make():
    report = diagnosed(
        "The NVIDIA driver on your system is too old (found version 10010).\nPyTorch version: 1.12.1+cu113\n"
        "OS: Ubuntu 20.04 (x86_64)\nGPU: Tesla V100\nNvidia driver version: 418.67\nCUDA used to build PyTorch: 11.3\n"
    )
    finding = report.findings[0]
    assert finding.rule == "driver-too-old"
    assert {"driver.version", "messages[driver-too-old-torch]"} <= {piece.fact for piece in finding.evidence}
    assert finding.confidence is Confidence.CERTAIN


def test_what_is_only_suggested_is_a_warning():
    finding = diagnosed("RuntimeError: No CUDA GPUs are available").findings[0]
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.POSSIBLE)


def test_facts_that_speak_against_a_message_make_it_less_sure():
    flags = "flags : fpu sse sse2 ssse3 sse4_1 sse4_2 avx avx2 fma\nOS: Linux (x86_64)\ntensorflow==2.15.0\n"
    finding = next(one for one in diagnosed(f"{flags}Illegal instruction (core dumped)").findings if one.rule == "avx-missing")
    assert finding.confidence is Confidence.POSSIBLE


def test_every_message_stands_for_rules_that_exist_and_has_words_for_them():
    names = set(rule_names())
    assert set(message_rules(KNOWLEDGE)) - names == set()
    texts = KNOWLEDGE.tables["messages"]["texts"]
    assert set(texts) == set(message_rules(KNOWLEDGE))
    for name, text in texts.items():
        assert text["title"], name
        assert text["follows"].endswith("."), name
        assert "|" in text["fix"], name


def test_every_row_is_whole_and_its_pattern_compiles():
    rows = [row for group in KNOWLEDGE.tables["messages"]["groups"] for row in group["rows"]]
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        assert row["sure"] in {"certain", "likely", "possible"}, row
        assert row["words"], row
        assert all(word == word.lower() for word in row["words"]), row
        for field in ("find", "beside", "without"):
            if field in row:
                re.compile(row[field], re.IGNORECASE)


def test_titles_hold_what_the_message_names_and_no_gaps():
    for _, text in ERRORS:
        facts, lines = read_report(text, "a text")
        for message in with_messages(facts, KNOWLEDGE, lines).messages:
            for rule in message.rules:
                assert not set("{}") & set(message_text(KNOWLEDGE, message, rule).title), message
