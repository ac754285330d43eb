"""Programs that do not use a GPU, or whose CUDA libraries do not run on it, in the words of those who ask."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

CASES = [
    ("RTX 3070\ntensorflow-gpu=1.14.0\nfailed to run cuBLAS routine: CUBLAS_STATUS_EXECUTION_FAILED", "gpu-arch-too-new"),
    ("RTX 3090: E tensorflow/stream_executor/cuda/cuda_blas.cc:428] failed to run cuBLAS routine: CUBLAS_STATUS_EXECUTION_FAILED",
     "gpu-arch-too-new"),
    ("cudatoolkit 9.0 tensorflow 1.14.0\nfailed to run cuBLAS routine cublasSgemm_v2: CUBLAS_STATUS_EXECUTION_FAILED",
     "gpu-arch-too-new"),
    ("I use 3080ti /tensorflow 1.15 / python 3.7.10 / cuda 10.1", "gpu-arch-too-new"),
    ("TensorFlow has stopped GPU support from TF 2.11 on native-Windows platform.", "tf-no-gpu-windows"),
    ("My system is Windows 10, keras does not use the GPU. You might have to install tensorflow-gpu.", "cpu-only-build"),
    ("Win10\nTensorFlow version: 2.3.0\nCUDA 10.1\nGTX1650 Ti\nI still can´t see my GPU device", "tf-missing-cuda-libs"),
    ("ldd libmxnet.so\n\tlibcudart.so.10.0 => not found\n\tlibcublas.so.10.0 => not found", "cuda-libs-conflict"),
    ("FAILED_PRECONDITION: Couldn't get ptxas version string: INTERNAL: Couldn't invoke ptxas --version", "nvcc-missing"),
    ("colabfold: Couldn't get ptxas version string", "nvcc-missing"),
    ("ModuleNotFoundError: No module named 'jax.extend'", "dependency-conflict"),
    ("ModuleNotFoundError: No module named 'jax.experimental.maps'", "dependency-conflict"),
    ("ModuleNotFoundError: No module named 'numpy.core._multiarray_umath'", "dependency-conflict"),
    ("Linux nano 4.9.140-tegra #1 SMP PREEMPT aarch64 aarch64 aarch64 GNU/Linux\n"
     "ERROR: No matching distribution found for onnxruntime-gpu", "platform-unsupported"),
    ("ValueError: Specified provider 'CUDAExecutionProvider' is unavailable. Available providers: 'CPUExecutionProvider'",
     "ort-cpu-gpu-both"),
    ("Ubuntu 18.04 on WSL2\ndocker run --gpus all: failed call to cuInit: CUDA_ERROR_NO_DEVICE", "wsl-misconfig"),
    ("RUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/local/cuda/lib64/stubs/libcuda.so.1", "cuda-libs-conflict"),
    ("RUN echo \"/usr/local/cuda/lib64/stubs\" > /etc/ld.so.conf.d/z-cuda-stubs.conf && ldconfig", "cuda-libs-conflict"),
    ("The image nvidia/cuda:10.1-base does not include the CUDA Deep Neural Network libraries", "cudnn-mismatch"),
    ("tensorflow is missing cuDNN", "cudnn-mismatch"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), CASES, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(CASES)])
def test_unseen_gpu(text, cause):
    assert cause_of(text) == cause


@pytest.mark.parametrize(
    "text",
    [
        "tensorflow 2.12\nGTX 1080\nAdding visible gpu devices: 0, training is slow",
        "libcudart.so.12 => /usr/local/cuda/lib64/libcudart.so.12",
        "pip install tensorflow-gpu==2.4.1\nepoch 1 ok",
        "export LIBRARY_PATH=/usr/local/cuda/lib64/stubs",
        "The image comes with cuDNN 8.9",
        "configuration: depth=32 driver=nvidia latency=0",
        "run.py --execution-providers cuda works, and so does cpu",
        "Windows 11, AMD Ryzen 7, tensorflow 2.8 on my RTX 3060: training uses my CPU too",
    ],
)
def test_words_that_say_nothing_of_that(text):
    assert causes_of(text) == []


OTHERS = [
    ("DLL load failed while importing _framework_bindings: The specified module could not be found.", "msvc-runtime-missing"),
    ("ImportError: DLL load failed while importing _framework_bindings:", "msvc-runtime-missing"),
    ("import dlib\nprint(dlib.DLIB_USE_CUDA)\nFalse", "cpu-only-build"),
    ("my dlib.DLIB_USE_CUDA returns False", "cpu-only-build"),
    ("-- *** cuDNN V5.0 OR GREATER NOT FOUND. ***", "cudnn-mismatch"),
    ("-- *** Dlib requires cuDNN V5.0 OR GREATER.  Since cuDNN is not found DLIB WILL NOT USE CUDA. ***", "cudnn-mismatch"),
    ("RuntimeError: This cuDF installation is missing the necessary PTX files that are <=50.", "gpu-arch-too-old"),
    ("A GPU with NVIDIA Volta™ (Compute Capability 7.0) or newer architecture is required.", "gpu-arch-too-old"),
    ("UserWarning: You will need a GPU with NVIDIA Pascal or newer architecture", "gpu-arch-too-old"),
    ("tensorflow 1.13.0rc0 requires a minimum compute capability of 6.0, GTX 980 Ti", "gpu-arch-too-old"),
    ("i have this warning Tensorflow: \"Invalid GPU Compute Capability\"", "gpu-arch-too-old"),
    ("File \"C:\\Users\\me\\Programs\\Python\\Python38-32\\lib\\site-packages\\tensorflow\\__init__.py\", line 24",
     "python-unsupported"),
    ("ModuleNotFoundError: No module named distutils", "python-unsupported"),
    ("Mismatched GPU Architecture: The installed PaddlePaddle package was compiled for 75 80 86 89 ,but your current GPU is 120",
     "gpu-arch-too-new"),
    ("paddlepaddle-gpu==3.1.1\nRuntimeError: Unsupported GPU architecture", "gpu-arch-too-new"),
    ("run.py: error: argument --execution-providers: invalid choice: 'cuda' (choose from 'cpu')", "ort-cpu-gpu-both"),
    ("Only CPU shows as execution provider for 3.0.0", "ort-cpu-gpu-both"),
    ("EXECUTION PROVIDERS only azure and cpu", "ort-cpu-gpu-both"),
    ("No Cuda option for Execution Providers", "ort-cpu-gpu-both"),
    ("product: GA107M [GeForce RTX 3050 Mobile]\nconfiguration: depth=32 driver=nouveau latency=0", "no-driver"),
    ("Win 10, AMD RX 580: TensorFlow does not detect or utilize my AMD GPU", "platform-unsupported"),
    ("The ordinal 242 could not be located in the dynamic link library mkl_intel_thread.dll", "mkl-mismatch"),
    ("TypeError: expected bytes, Descriptor found", "protobuf-conflict"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), OTHERS, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(OTHERS)])
def test_other_programs(text, cause):
    assert cause_of(text) == cause


MORE = [
    ("python -c 'import jax'\nnvptx_compiler.cc:70] Can't find libdevice directory ${CUDA_DIR}/nvvm/libdevice", "nvcc-missing"),
    ("tensorflow 2.4: Can't find libdevice directory ${CUDA_DIR}/nvvm/libdevice", "tf-missing-cuda-libs"),
    ("Check failed: status == CUDNN_STATUS_SUCCESS (7 vs. 0)Failed to set cuDNN stream.", "cudnn-mismatch"),
    ("tensorflow 1.15 doesn't seem to be supported by python 3.8", "python-unsupported"),
    ("exited: classification_face_detection_processor (terminated by SIGILL; not expected)", "avx-missing"),
    ("The container exited with code 132 after import tensorflow", "avx-missing"),
    ("DLL load failed while importing onnx_cpp2py_export onnx.onnx_cpp2py_export ...", "msvc-runtime-missing"),
    ("GeForce GTX 1080\nUsing TensorFlow backend.\nwhen I run the demo, GPU doesn't work", "cpu-only-build"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), MORE, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(MORE)])
def test_more_programs(text, cause):
    assert cause_of(text) == cause


@pytest.mark.parametrize("text", ["tensorflow 2.8 is supported by Python 3.10", "exited with code 137", "train.py, line 132"])
def test_more_words_that_say_nothing(text):
    assert causes_of(text) == []


LIBRARIES = [
    ("ERROR   cuDNN not found. See INSTALL.md#cudnn", "cudnn-mismatch"),
    ("can't find libcudnn.so for tensorflow", "cudnn-mismatch"),
    ("cupy.cuda.compiler.CompileException: nvrtc: error: failed to load builtins", "cuda-libs-conflict"),
    ("CuPy cannot find `nvcc` despite it being in `/usr/local/cuda/bin`", "nvcc-missing"),
    ('paddle\\..\\nvidia\\cudnn\\bin\\cudnn_cnn64_9.dll" or one of its dependencies.', "cudnn-mismatch"),
    ("ImportError: libd3d12.so: cannot open shared object file: No such file or directory", "wsl-misconfig"),
    ("Found CUDA version 12010, but JAX was built against version 12020, which is newer.", "cuda-libs-conflict"),
    ("jaxlib/cuda/versions_helpers.cc:90: operation gpuDeviceGetAttribute( &major, device) failed: CUDA_ERROR_NOT_INITIALIZED",
     "jax-plugin-mismatch"),
    ("run.py: error: argument --execution-provider: invalid choice: 'directml'", "ort-cpu-gpu-both"),
    ("pip install onnxruntime-directml\nIt only shows CPUExecutionProvider", "cpu-only-build"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), LIBRARIES, ids=[f"{one}-{place}" for place, (_, one) in enumerate(LIBRARIES)])
def test_libraries_that_are_not_found(text, cause):
    assert cause_of(text) == cause
