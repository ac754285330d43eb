"""Labels that environment scripts, bug report forms and people write in front of a fact, and what each is about.

Labels are compared in lower case with only letters, digits and single spaces left.
"""

from __future__ import annotations

LABELS: dict[str, str] = {
    # torch.utils.collect_env, vLLM's, SGLang's, mmcv's
    "cuda used to build pytorch": "torch.cuda", "rocm used to build pytorch": "torch.rocm", "torch cuda version": "torch.cuda",
    "torch version cuda": "torch.cuda", "torch hip version": "torch.rocm", "torch version hip": "torch.rocm",
    "is cuda available": "cuda.available", "cuda available": "cuda.available", "gpu available": "cuda.available",
    "torch cuda is available": "cuda.available",
    "cuda runtime version": "toolkit", "nvcc version": "toolkit", "nvcc": "toolkit", "cuda toolkit": "toolkit",
    "cuda toolkit version": "toolkit", "cuda sdk version": "toolkit",
    "gpu models and configuration": "gpu", "nvidia driver version": "driver", "cudnn version": "cudnn", "cudnn": "cudnn",
    "gcc version": "gcc", "gcc": "gcc", "gcc compiler version": "gcc", "g version": "gcc", "c compiler": "gcc",
    "gcc compiler version if compiling from source": "gcc", "cmake version": "cmake", "libc version": "libc", "libc": "libc",
    "python platform": "platform", "platform": "platform", "sys platform": "platform", "python version": "python",
    "python": "python", "python ver": "python", "python version 64 bit runtime": "python", "rocm version": "rocm",
    "hip runtime version": "rocm", "rocm": "rocm", "hip version": "rocm",
    # the machine
    "os": "os", "operating system": "os", "os platform and distribution": "os", "os version": "os.version", "os type": "os",
    "operating system and version": "os", "distribution": "os", "distro": "os", "linux distribution": "os", "system": "os",
    "system version": "os", "distro version": "os", "windows version": "os", "macos version": "os", "description": "os",
    "operating system os": "os", "platform os": "os", "os name": "os", "host os": "os", "os arch": "machine", "arch": "machine",
    "architecture": "machine", "machine": "machine", "cpu architecture": "machine", "kernel": "kernel",
    "kernel version": "kernel", "kernel release": "kernel", "linux kernel": "kernel", "model name": "cpu.model",
    "cpu model": "cpu.model", "cpu": "cpu.model", "processor": "cpu.model", "cpu type": "cpu.model", "flags": "cpu.flags",
    "wsl version": "wsl", "virtual packages": "conda.virtual",
    # GPUs and drivers
    "gpu": "gpu", "gpus": "gpu", "gpu type": "gpu", "gpu model": "gpu", "gpu model and memory": "gpu", "gpu name": "gpu",
    "graphics card": "gpu", "graphics": "gpu", "hardware gpu": "gpu", "gpu device": "gpu", "gpu info": "gpu", "video card": "gpu",
    "gpu models": "gpu", "gpu model s and accelerator backend": "gpu", "gpu models and accelerator backend": "gpu",
    "gpu s": "gpu", "gpu card": "gpu", "gpu hardware": "gpu", "nvidia gpu": "gpu", "cuda device": "gpu", "device": "gpu",
    "device name": "gpu", "gpu gpu": "gpu", "product name": "gpu", "which gpu": "gpu", "hardware": "gpu",
    "gpu type and number": "gpu", "accelerator": "gpu", "显卡": "gpu", "gpu compute capability": "capability",
    "compute capability": "capability", "gpu capability": "capability", "driver version": "driver", "nvidia driver": "driver",
    "gpu driver": "driver", "gpu driver version": "driver", "nvidia gpu driver": "driver", "cuda driver version": "driver.any",
    "nvidia open gpu kernel modules version": "driver", "nvidia driver versions": "driver", "driver": "driver",
    "cuda driver": "driver.any", "cuda": "cuda", "cuda version": "cuda", "cuda cudnn version": "cuda", "cuda ver": "cuda",
    "cuda and cudnn version": "cuda", "cuda cudnn": "cuda", "cuda cudnn versions": "cuda", "cuda runtime": "cuda",
    "execution provider library version": "cuda", "cuda version s": "cuda",
    "cuda compiler": "toolkit", "cuda home": "variable.CUDA_HOME", "cuda path": "variable.CUDA_PATH",
    "torch install path": "path", "torch cuda arch list": "torch.code", "arch list": "torch.code",
    "torch cuda": "torch.cuda", "torch cudnn": "cudnn", "cuda root": "variable.CUDA_HOME", "platform name": "platform",
    "cuda build version": "cuda.build", "gpu name s": "gpu", "gpu devices": "gpu", "cuda runtime driver version": "driver.any",
    "productversion": "macos", "productname": "os", "kernelversion": "kernel", "nvcc architecture flags": "torch.code",
    "glibc version": "libc", "glibc": "libc", "ldd version": "libc", "驱动版本": "driver", "cuda版本": "cuda",
    "系统": "os", "操作系统": "os", "显卡型号": "gpu", "python版本": "python", "nvidia smi": "driver",
    "jetpack": "jetpack", "jetpack version": "jetpack", "gpu型号": "gpu", "显卡驱动": "driver",
    "显卡驱动版本": "driver",
    "os system": "os", "gpu details": "gpu",
    "get arch list": "torch.code", "torch cuda get arch list": "torch.code",
}  # fmt: skip

PACKAGE_LABELS: dict[str, str] = {
    "pytorch版本": "torch", "torch版本": "torch", "tensorflow版本": "tensorflow", "paddlepaddle": "paddlepaddle", "cupy": "cupy",
    "numba version": "numba", "mmdet": "mmdet", "jax jaxlib version": "jaxlib",
    "pytorch": "torch", "torch": "torch", "pytorch version": "torch", "torch version": "torch", "pytorch version gpu": "torch",
    "libtorch version": "torch", "libtorch": "torch", "torch ver": "torch", "pytorch ver": "torch", "pytorch v": "torch",
    "tensorflow": "tensorflow", "tf": "tensorflow", "tensorflow version": "tensorflow", "tf version": "tensorflow",
    "tensorflow version gpu": "tensorflow", "tensorflow version use command below": "tensorflow", "tf ver": "tensorflow",
    "onnx runtime version or commit id": "onnxruntime", "onnxruntime version": "onnxruntime", "onnxruntime ver": "onnxruntime",
    "onnx runtime": "onnxruntime", "onnx runtime version": "onnxruntime", "ort version": "onnxruntime",
    "torch vision": "torchvision",
    "flash attention": "flash-attn", "flash attn version": "flash-attn", "flash attention version": "flash-attn",
    "triton with error": "triton", "keras version": "keras", "vllm version": "vllm", "numpy version": "numpy",
    "transformers version": "transformers", "accelerate version": "accelerate", "xformers version": "xformers",
    "deepspeed version": "deepspeed", "bitsandbytes version": "bitsandbytes", "jax version": "jax", "jaxlib version": "jaxlib",
    "torchvision version": "torchvision", "torchaudio version": "torchaudio", "triton version": "triton", "mmcv": "mmcv",
    "mmcv version": "mmcv", "protobuf version": "protobuf", "jax": "jax", "jaxlib": "jaxlib", "sglang version": "sglang",
    "diffusers version": "diffusers", "peft version": "peft", "mxnet version": "mxnet", "onnx version": "onnx",
    "cupy version": "cupy", "paddle version": "paddlepaddle", "paddlepaddle version": "paddlepaddle", "sglang": "sglang",
    "deepspeed info": "deepspeed", "numpy": "numpy", "transformers": "transformers", "accelerate": "accelerate",
    "xformers": "xformers", "torchvision": "torchvision", "torchaudio": "torchaudio", "triton": "triton", "vllm": "vllm",
    "bitsandbytes": "bitsandbytes", "flash attn": "flash-attn", "keras": "keras", "onnxruntime": "onnxruntime",
    "onnxruntime gpu": "onnxruntime-gpu", "deepspeed": "deepspeed", "protobuf": "protobuf", "flashinfer": "flashinfer-python",
    "ctranslate2": "ctranslate2", "tensorrt": "tensorrt", "peft": "peft", "diffusers": "diffusers", "opencv": "opencv-python",
    "mmdetection": "mmdet", "torchtext": "torchtext", "sgl kernel": "sgl-kernel", "flashinfer python": "flashinfer-python",
}  # fmt: skip
"""Labels in front of a package's version, and the distribution that is meant."""
