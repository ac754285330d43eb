"""Texts of every format that reports read, written for these tests after what the programs print."""

COLLECT_ENV_OLD = """\
Collecting environment information...
PyTorch version: 1.0.1.post2
Is debug build: No
CUDA used to build PyTorch: 9.0.176

OS: Ubuntu 16.04.6 LTS
GCC version: (Ubuntu 5.4.0-6ubuntu1~16.04.11) 5.4.0 20160609
CMake version: version 3.5.1

Python version: 3.6
Is CUDA available: Yes
CUDA runtime version: 9.0.176
GPU models and configuration:
GPU 0: GeForce GTX 1080 Ti
GPU 1: GeForce GTX 1080 Ti

Nvidia driver version: 390.87
cuDNN version: /usr/lib/x86_64-linux-gnu/libcudnn.so.7.4.2

Versions of relevant libraries:
[pip] Could not collect
[conda] pytorch                   1.0.1           py3.6_cuda9.0.176_cudnn7.4.2_2    pytorch
[conda] torchvision               0.2.2                      py_3    pytorch
"""

COLLECT_ENV = """\
PyTorch version: 2.6.0+cu124
Is debug build: False
CUDA used to build PyTorch: 12.4
ROCM used to build PyTorch: N/A

OS: Debian GNU/Linux 12 (bookworm) (x86_64)
GCC version: (Debian 12.2.0-14) 12.2.0
Clang version: Could not collect
CMake version: version 3.25.1
Libc version: glibc-2.36

Python version: 3.11.2 (main, Nov 30 2024, 21:22:50) [GCC 12.2.0] (64-bit runtime)
Python platform: Linux-6.1.0-28-amd64-x86_64-with-glibc2.36
Is CUDA available: True
CUDA runtime version: Could not collect
CUDA_MODULE_LOADING set to: LAZY
GPU models and configuration: GPU 0: NVIDIA L4
Nvidia driver version: 550.144.03
cuDNN version: Could not collect
Is XNNPACK available: True

CPU:
Architecture:             x86_64
Model name:               Intel(R) Xeon(R) CPU @ 2.20GHz
Flags:                    fpu vme sse sse2 avx avx2 fma avx512f

Versions of relevant libraries:
[pip3] numpy==2.2.2
[pip3] torch==2.6.0+cu124
[pip3] triton==3.2.0
[conda] Could not collect
"""

VLLM = """\
==============================
        System Info
==============================
OS                           : Ubuntu 24.04.1 LTS (aarch64)
GCC version                  : (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0
Libc version                 : glibc-2.39

==============================
       PyTorch Info
==============================
PyTorch version              : 2.9.0+cu130
CUDA used to build PyTorch   : 13.0
ROCM used to build PyTorch   : N/A

==============================
      Python Environment
==============================
Python version               : 3.12.3 (main, Aug 14 2025, 17:47:21) [GCC 13.3.0] (64-bit runtime)
Python platform              : Linux-6.11.0-1016-nvidia-aarch64-with-glibc2.39

==============================
       CUDA / GPU Info
==============================
Is CUDA available            : True
CUDA runtime version         : 13.0.88
GPU models and configuration : GPU 0: NVIDIA GB10
Nvidia driver version        : 580.95.05
cuDNN version                : Could not collect

==============================
         vLLM Info
==============================
vLLM Version                 : 0.11.2
"""

TRANSFORMERS = """\
- `transformers` version: 4.46.3
- Platform: Windows-10-10.0.22631-SP0
- Python version: 3.10.11
- Huggingface_hub version: 0.26.2
- Accelerate version: 1.1.1
- PyTorch version (GPU?): 2.5.1+cu121 (True)
- Tensorflow version (GPU?): not installed (NA)
- Using GPU in script?: yes
- GPU type: NVIDIA GeForce RTX 4070 Laptop GPU
"""

ACCELERATE = """\
- `Accelerate` version: 0.34.2
- Platform: Linux-5.15.167.4-microsoft-standard-WSL2-x86_64-with-glibc2.35
- `accelerate` bash location: /home/user/venv/bin/accelerate
- Python version: 3.10.12
- Numpy version: 1.26.4
- PyTorch version (GPU?): 2.4.1+cu121 (True)
- System RAM: 31.21 GB
- GPU type: NVIDIA GeForce RTX 3060
"""

DS_REPORT = """\
--------------------------------------------------
DeepSpeed C++/CUDA extension op report
--------------------------------------------------
ninja .................. [OKAY]
DeepSpeed general environment info:
torch install path ............... ['/opt/conda/lib/python3.10/site-packages/torch']
torch version .................... 2.1.2+cu118
deepspeed install path ........... ['/opt/conda/lib/python3.10/site-packages/deepspeed']
deepspeed info ................... 0.12.6, unknown, unknown
torch cuda version ............... 11.8
torch hip version ................ None
nvcc version ..................... 12.2
"""

XFORMERS_INFO = """\
xFormers 0.0.27.post2
memory_efficient_attention.cutlassF:               available
pytorch.version:                                   2.4.0+cu121
pytorch.cuda:                                      available
gpu.compute_capability:                            8.9
gpu.name:                                          NVIDIA RTX 4000 Ada Generation
build.cuda_version:                                1201
build.python_version:                              3.10.14
"""

TENSORFLOW_FORM = """\
### TensorFlow version

2.16.2

### OS platform and distribution

Windows 11

### Python version

3.12

### CUDA/cuDNN version

12.3 / 8.9

### GPU model and memory

RTX 4060 8GB
"""

JAX = """\
>>> jax.print_environment_info()
jax:    0.4.35
jaxlib: 0.4.34
numpy:  1.26.4
python: 3.11.9 (main, Apr 19 2024, 16:48:06) [GCC 11.2.0]
device info: NVIDIA A100-SXM4-40GB-1, 1 local devices"
platform: uname_result(system='Linux', node='HOST', release='5.15.0-1060-gcp', version='#68', machine='x86_64')
"""

SMI_TABLE = """\
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 590.44.01              KMD Version: 590.44.01     CUDA UMD Version: 13.1     |
+-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
|=========================================+========================+======================|
|   0  NVIDIA GeForce RTX 5060 ...    Off |   00000000:01:00.0  On |                  N/A |
|  0%   41C    P8             12W /  150W |     512MiB /   8151MiB |      2%      Default |
|                                         |                        |                  N/A |
+-----------------------------------------+------------------------+----------------------+
"""

SMI_Q = """\
==============NVSMI LOG==============

Driver Version                            : 535.230.02
CUDA Version                              : 12.2

Attached GPUs                             : 1
GPU 00000000:17:00.0
    Product Name                          : NVIDIA A30
    MIG Mode
        Current                           : Enabled
        Pending                           : Enabled
"""

SMI_XML = """\
<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
<driver_version>550.90.07</driver_version>
<cuda_version>12.4</cuda_version>
<gpu id="00000000:00:04.0"><product_name>Tesla T4</product_name></gpu>
</nvidia_smi_log>
"""

PIP_LIST = """\
Package                  Version
------------------------ ------------
nvidia-cuda-runtime-cu12 12.4.127
torch                    2.5.1
torchvision              0.20.1
"""

CONDA_LIST = """\
# packages in environment at /home/user/miniconda3/envs/x:
#
# Name                    Version                   Build  Channel
mkl                       2024.1.0           h06a4308_691    defaults
pytorch                   2.2.2           py3.10_cuda12.1_cudnn8.9.2_0    pytorch
xformers                  0.0.25                   pypi_0    pypi
"""
