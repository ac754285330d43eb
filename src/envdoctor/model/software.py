"""Facts about software: CUDA toolkits, tools, Python environments and the frameworks in them."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.libraries import CompiledNeed, EnvironmentFault, LoadedLibrary, NumpyModule, OpenMpRuntime, TorchExtension
from envdoctor.model.record import derived, record
from envdoctor.model.unknown import Unknown


@record
class CudaToolkit:
    """A CUDA toolkit installed on the machine. Wheels bring their own CUDA and do not need one."""

    path: str
    version: Version | Unknown
    has_nvcc: bool | Unknown
    is_default: bool
    """Whether CUDA_HOME or PATH leads to this one."""
    source: str = ""


@record
class CompatLibrary:
    """A cuda-compat package's libcuda, which stands in for an older driver's where GPU and driver allow it."""

    folder: str
    version: Version
    """Of the driver that it belongs to."""
    is_on_library_path: bool
    is_default: bool
    """In /usr/local/cuda/compat, where NVIDIA's container toolkit looks for it."""
    source: str


@record
class CudnnInstallation:
    """A cuDNN in a system place (not one inside a Python environment)."""

    path: str
    version: Version | Unknown
    source: str = ""


@record
class Tool:
    """A program that matters: a compiler, cmake, git, uv, conda, docker, ..."""

    name: str
    path: str | Unknown | None
    """None where it is not on PATH."""
    version: Version | Unknown | None = None
    source: str = ""


@record
class Interpreter:
    """A Python interpreter."""

    path: str | Unknown | None
    version: Version | Unknown
    implementation: str | Unknown = "cpython"
    """`cpython`, `pypy`, ..."""
    abi: str | Unknown = Unknown("not looked at")
    """`cp311`, `cp313t` for a free-threaded build, `cp37m`."""
    machine: str | Unknown = Unknown("not looked at")
    """The architecture that this interpreter was built for, which may differ from the kernel's."""
    source: str = ""


@record
class Package:
    """An installed distribution, as its metadata files state it."""

    name: str
    """Normalized: lower case, `-` for runs of `-_.`."""
    version: Version | Unknown
    requires: tuple[str, ...] | Unknown = ()
    """Requirement lines (PEP 508) as the metadata holds them."""
    requires_python: str | Unknown | None = None
    tags: tuple[str, ...] | Unknown | None = None
    """Wheel tags (`cp311-cp311-manylinux_2_28_x86_64`); None where the installer left none."""
    installer: str | Unknown | None = None
    """`pip`, `uv`, `conda`, ..."""
    editable: bool | Unknown = False
    path: str = ""
    """Its metadata folder or file."""
    source: str = ""
    fault: str | None = None
    """What is wrong with its metadata: left behind by an interrupted install, a second copy beside it, a file missing."""


@record
class Framework:
    """A deep-learning framework, and what its own files say of its build."""

    name: str
    """The framework, whichever distribution brought it: `torch`, `tensorflow`, `jax`, `onnxruntime`, `cupy`, ..."""
    version: Version | Unknown
    """With the local part, where there is one: `2.9.1+cu128`."""
    flavour: str | Unknown
    """`cuda`, `rocm`, `cpu`, `xpu`, `metal`, `tpu`."""
    cuda_version: Version | Unknown | None = None
    """CUDA that it was built with; None for builds without."""
    cudnn_version: Version | Unknown | None = None
    rocm_version: Version | Unknown | None = None
    gpu_code: tuple[str, ...] | Unknown | None = None
    """GPU code inside: `sm_80` (machine code), `compute_90` (PTX), `gfx942`; None for builds without."""
    gpu_code_source: str = ""
    gpu_code_is_sample: bool = False
    """Whether only a part of its libraries was looked at, so that an architecture that is rare may be missing."""
    source: str = ""
    distribution: str = ""
    """Normalized name of the distribution that brought it: `tensorflow-cpu`, `onnxruntime-gpu`, `cupy-cuda12x`."""
    built_with: tuple[tuple[str, str], ...] = ()
    """What else its build names, with the version: (`torch`, `2.8.0+cu128`) of an extension."""
    libraries: tuple[str, ...] = ()
    """File names of its compiled libraries, where these tell what it can do: `libbitsandbytes_cuda124.so`."""
    backend: str | Unknown | None = None
    """Keras: the backend that is configured (`tensorflow`, `jax`, `torch`); None where the question does not arise."""


@record
class PythonEnvironment:
    """A Python environment: the one under examination."""

    prefix: str
    kind: str | Unknown
    """`venv`, `virtualenv`, `conda`, `pyenv`, `system`, `pipx`, `uv`, or `standalone` for any other installation."""
    found_by: str
    """How it was chosen: `--python`, `VIRTUAL_ENV`, `CONDA_PREFIX`, `envdoctor's own environment`, `python3 on PATH`."""
    interpreter: Interpreter | Unknown
    packages: tuple[Package, ...] | Unknown
    frameworks: tuple[Framework, ...] | Unknown = ()
    base_prefix: str | Unknown | None = None
    """Where the interpreter that a venv was made from lives."""
    site_packages: tuple[str, ...] | Unknown = ()
    system_site_packages: bool | Unknown = False
    source: str = ""
    libraries: tuple[LoadedLibrary, ...] | Unknown = ()
    """CUDA libraries that its frameworks would load."""
    openmp: tuple[OpenMpRuntime, ...] | Unknown = ()
    """OpenMP runtimes in it."""
    faults: tuple[EnvironmentFault, ...] | Unknown = ()
    """What is wrong with it as a whole."""
    compiled_needs: tuple[CompiledNeed, ...] = ()
    """What its frameworks' libraries ask of glibc and libstdc++; with `--deep` those of all packages."""
    numpy_modules: tuple[NumpyModule, ...] = ()
    """With NumPy 2: for packages that need NumPy, the first of their compiled modules that uses it."""
    torch_extensions: tuple[TorchExtension, ...] | None = None
    """Compiled libraries outside torch that need torch's: a few, with `--deep` all; None where none was looked at."""

    def package(self, name: str) -> Package | Unknown | None:
        """The installed distribution of that normalized name; None where there is none."""
        if isinstance(self.packages, Unknown):
            return self.packages
        packages = self.packages
        index = derived(self, "packages", lambda: {package.name: package for package in reversed(packages)})
        return index.get(name)

    def framework(self, name: str) -> Framework | Unknown | None:
        """The framework of that distribution name; None where there is none."""
        if isinstance(self.frameworks, Unknown):
            return self.frameworks
        return next((framework for framework in self.frameworks if framework.name == name), None)
