"""Which CUDA libraries frameworks would load."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.libraries import LoadedLibrary
from envdoctor.model.software import Framework, Interpreter
from envdoctor.model.unknown import Unknown
from envdoctor.probes.loader_libraries import probe_libraries
from envdoctor.probes.loader_preloads import Preload, parse_jax_preloads, parse_torch_preloads
from envdoctor.probes.loader_versions import LibraryFiles, component_of
from envdoctor.system.port import Binary
from tests.probes.environments import SITE, distribution
from tests.probes.test_loader import Linux, elf

OLD_TORCH = """
def _preload_cuda_deps(lib_folder, lib_name):
    pass

def _load_global_deps():
    except OSError as err:
        cuda_libs: Dict[str, str] = {
            "cublas": "libcublas.so.*[0-9]",
            "nvjitlink": "libnvJitLink.so.*[0-9]",
        }

if (USE_RTLD_GLOBAL_WITH_LIBTORCH
"""
MIDDLE_TORCH = OLD_TORCH.replace(
    "    except OSError", '            _preload_cuda_deps("nvjitlink", "libnvJitLink.so.*[0-9]")\n    except OSError'
)
NEW_TORCH = """
def _preload_cuda_lib(lib_folder, lib_name, required=True):
    pass

def _preload_cuda_deps(err=None):
    cuda_libs: list[tuple[str, str]] = [
        ("cublas", "libcublasLt.so.*[0-9]"),
        ("nvjitlink", "libnvJitLink.so.*[0-9]"),
    ]
    _preload_cuda_lib("nvtx", "libnvToolsExt.so.*[0-9]", required=False)

if (USE_RTLD_GLOBAL_WITH_LIBTORCH
"""
LINKER = Preload("nvjitlink", "libnvJitLink.so.")


@pytest.mark.parametrize(
    ("text", "always", "fallback"),
    [
        ("", (), ()),
        (OLD_TORCH, (), (Preload("cublas", "libcublas.so."), LINKER)),
        (MIDDLE_TORCH, (LINKER,), (Preload("cublas", "libcublas.so."), LINKER)),
        (NEW_TORCH, (Preload("cublas", "libcublasLt.so."), LINKER), (Preload("cublas", "libcublasLt.so."), LINKER)),
    ],
)
def test_what_torch_opens_by_path(text: str, always: tuple[Preload, ...], fallback: tuple[Preload, ...]) -> None:
    found = parse_torch_preloads(text)
    assert (found.always, found.fallback) == (always, fallback)


def test_what_jax_opens_by_path() -> None:
    text = (
        'def _load_nvidia_libraries():\n  _load("cublas", ["libcublas.so.12", "libcublasLt.so.12"])\n'
        '  _load("cu13", ["libcufft.so.12"])\n'
    )
    assert parse_jax_preloads(text) == (
        Preload("cublas", "libcublas.so.12"), Preload("cublas", "libcublasLt.so.12"), Preload("cu13", "libcufft.so.12"),
    )  # fmt: skip
    assert parse_jax_preloads("nothing") == ()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("libcudnn.so.9", "cudnn"), ("libcudnn_graph.so.9", "cudnn"), ("libcudart-d0da41ae.so.11.0", "cuda-runtime"),
        ("libnvrtc-builtins.so.12.8", "cuda-nvrtc"), ("libnvshmem_host.so.3", "nvshmem"), ("libcusparseLt.so.0", "cusparselt"),
        ("libcuda.so.1", None), ("libc.so.6", None), ("libtorch_cuda.so", None), ("", None),
    ],
)  # fmt: skip
def test_parts_of_cuda(name: str, part: str | None) -> None:
    assert component_of(name) == part


def wheel(
    part: str, folder: str, name: str, version: str, *needed: str, site: str = SITE, runpath: str = "$ORIGIN"
) -> dict[str, object]:
    """Metadata and library of an NVIDIA distribution."""
    path = f"{site}/nvidia/{folder}/lib/{name}"
    return {**distribution(f"nvidia-{part}", version, site=site), path: elf(*needed, runpath=runpath, soname=name)}


def machine(*parts: dict[str, object], torch: str = "", **more: object) -> Linux:
    rpath = ":".join(f"$ORIGIN/../../nvidia/{folder}/lib" for folder in ("cudnn", "cuda_runtime", "cusparse"))
    files: dict[str, object] = {
        f"{SITE}/torch/__init__.py": torch,
        f"{SITE}/torch/lib/libtorch_global_deps.so": elf("libcudart.so.12", rpath=rpath),
        f"{SITE}/torch/lib/libtorch_cuda.so": elf(
            "libcudart.so.12", "libcusparse.so.12", "libcudnn.so.9", "libc.so.6", rpath=rpath
        ),
        **wheel("cuda-runtime-cu12", "cuda_runtime", "libcudart.so.12", "12.8.90"),
        **wheel(
            "cusparse-cu12",
            "cusparse",
            "libcusparse.so.12",
            "12.5.8.93",
            "libnvJitLink.so.12",
            runpath="$ORIGIN/../../nvjitlink/lib",
        ),
        **wheel("nvjitlink-cu12", "nvjitlink", "libnvJitLink.so.12", "12.8.93"),
        **wheel("cudnn-cu12", "cudnn", "libcudnn.so.9", "9.10.2.21"),
        f"{SITE}/nvidia/cudnn/lib/libcudnn_graph.so.9": elf(),
    }
    for part in parts:
        files.update(part)
    binaries = {path: one for path, one in files.items() if isinstance(one, Binary)}
    return Linux(binaries, files={path: text for path, text in files.items() if path not in binaries}, **more)


def found(box: Linux, *frameworks: Framework) -> dict[str, LoadedLibrary]:
    torch = Framework("torch", Version("2.9.1"), "cuda", Version("12.8"), source=f"{SITE}/torch/version.py")
    interpreter = Interpreter(None, Version("3.11.7"), machine="x86_64")
    libraries = probe_libraries(box, interpreter, (SITE,), frameworks or (torch,))
    assert isinstance(libraries, tuple), libraries
    return {library.name: library for library in libraries}


def file_of(library: LoadedLibrary) -> tuple[str, str, str]:
    assert library.file is not None
    return library.file.path.removeprefix(f"{SITE}/"), str(library.file.version), library.way


def test_wheels_by_themselves() -> None:
    libraries = found(machine())
    assert {name: file_of(one) for name, one in libraries.items()} == {
        "libcudart.so.12": ("nvidia/cuda_runtime/lib/libcudart.so.12", "12.8.90", "RPATH"),
        "libcusparse.so.12": ("nvidia/cusparse/lib/libcusparse.so.12", "12.5.8.93", "RPATH"),
        "libcudnn.so.9": ("nvidia/cudnn/lib/libcudnn.so.9", "9.10.2.21", "RPATH"),
        "libnvJitLink.so.12": ("nvidia/nvjitlink/lib/libnvJitLink.so.12", "12.8.93", "RUNPATH"),
    }
    assert all(one.shadows == () and one.file and one.file.is_own for one in libraries.values())


OLD_LINKER = {"/opt/cuda/lib64/libnvJitLink.so.12.1.105": elf()}
ON_PATH = {
    "links": {"/opt/cuda/lib64/libnvJitLink.so.12": "libnvJitLink.so.12.1.105"},
    "variables": {"LD_LIBRARY_PATH": "/opt/cuda/lib64"},
}


def test_an_older_linker_on_the_path_takes_the_place_of_the_wheels() -> None:
    used = found(machine(OLD_LINKER, **ON_PATH))["libnvJitLink.so.12"]
    assert file_of(used) == ("/opt/cuda/lib64/libnvJitLink.so.12", "12.1.105", "LD_LIBRARY_PATH")
    assert [(one.path, one.is_own) for one in used.shadows] == [(f"{SITE}/nvidia/nvjitlink/lib/libnvJitLink.so.12", True)]
    assert used.needed_by == f"{SITE}/nvidia/cusparse/lib/libcusparse.so.12"


def test_a_torch_that_opens_its_own_linker_is_spared() -> None:
    used = found(machine(OLD_LINKER, torch=MIDDLE_TORCH, **ON_PATH))["libnvJitLink.so.12"]
    assert file_of(used) == ("nvidia/nvjitlink/lib/libnvJitLink.so.12", "12.8.93", "preload")
    assert [str(one.version) for one in used.shadows] == ["12.1.105"]


def test_parts_of_cudnn_from_elsewhere() -> None:
    """libtorch_cuda finds libcudnn by its RPATH; libcudnn's own RUNPATH comes after LD_LIBRARY_PATH."""
    other = {"/opt/cudnn/lib/libcudnn_graph.so.9": elf(), "/opt/cudnn/lib/libcudnn.so.9": elf()}
    libraries = found(machine(other, variables={"LD_LIBRARY_PATH": "/opt/cudnn/lib"}))
    assert file_of(libraries["libcudnn.so.9"])[2] == "RPATH"
    assert libraries["libcudnn_graph.so.9"].way == "LD_LIBRARY_PATH"


def test_a_wheel_in_another_folder_has_the_version_of_its_metadata() -> None:
    other = wheel("nvjitlink-cu12", "nvjitlink", "libnvJitLink.so.12", "12.1.105", site="/opt/target")
    path = "/opt/target/nvidia/nvjitlink/lib"
    used = found(machine(other, variables={"LD_LIBRARY_PATH": path}))["libnvJitLink.so.12"]
    assert file_of(used) == (f"{path}/libnvJitLink.so.12", "12.1.105", "LD_LIBRARY_PATH")
    assert used.file is not None
    assert not used.file.is_own


def test_what_is_found_nowhere() -> None:
    box = machine()
    del box.files[f"{SITE}/nvidia/cudnn/lib/libcudnn.so.9"], box.binaries[f"{SITE}/nvidia/cudnn/lib/libcudnn.so.9"]
    box.names[f"{SITE}/nvidia/cudnn/lib"].discard("libcudnn.so.9")
    missing = found(box)["libcudnn.so.9"]
    assert missing.file is None
    assert missing.needed_by == f"{SITE}/torch/lib/libtorch_cuda.so"


def test_two_distributions_that_own_a_file() -> None:
    box = machine(distribution("nvidia-cudnn-cu13", "9.20.0.48"))  # type: ignore[arg-type]
    used = found(box)["libcudnn.so.9"]
    assert used.file is not None
    assert isinstance(used.file.version, Unknown)
    assert used.file.package == "nvidia-cudnn-cu12, nvidia-cudnn-cu13"
    record = {f"{SITE}/nvidia_cudnn_cu12-9.10.2.21.dist-info/RECORD": "nvidia/cudnn/lib/libcudnn.so.9,sha256=x,1\n"}
    described = LibraryFiles(Linux({}, files={**box.files, **record}), (SITE,)).describe(f"{SITE}/nvidia/cudnn/lib/libcudnn.so.9")
    assert (described.package, str(described.version)) == ("nvidia-cudnn-cu12", "9.10.2.21")


def test_sonames_are_no_versions() -> None:
    box = Linux(
        {}, files={"/l/libcudart.so.11.0": "", "/l/libcudnn.so.9.1.0": ""}, links={"/l/libcudnn.so.9": "libcudnn.so.9.1.0"}
    )
    assert isinstance(LibraryFiles(box).describe("/l/libcudart.so.11.0").version, Unknown)
    assert LibraryFiles(box).describe("/l/libcudnn.so.9").version == Version("9.1.0")


def test_a_wheel_of_cudnn_that_was_merely_unpacked() -> None:
    header = "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 1\n#define CUDNN_PATCHLEVEL 0\n"
    box = Linux({}, files={"/old/nvidia/cudnn/lib/libcudnn.so.9": "", "/old/nvidia/cudnn/include/cudnn_version.h": header})
    assert LibraryFiles(box).describe("/old/nvidia/cudnn/lib/libcudnn.so.9").version == Version("9.1.0")


def test_builds_without_cuda_and_unknown_architectures() -> None:
    cpu = Framework("torch", Version("2.9.1"), "cpu", source=f"{SITE}/torch/version.py")
    assert found(machine(), cpu) == {}
    cuda = Framework("torch", Version("2.9.1"), "cuda", source=f"{SITE}/torch/version.py")
    unknown = Interpreter(None, Version("3.11.7"), machine=Unknown("no interpreter"))
    assert isinstance(probe_libraries(machine(), unknown, (SITE,), (cuda,)), Unknown)


def test_tensorflow_opens_by_name_and_its_run_path_comes_after_the_variable() -> None:
    tensorflow = Framework("tensorflow", Version("2.19.1"), "cuda", Version("12.5"), Version("9"), source=f"{SITE}/tensorflow")
    runpath = "$ORIGIN/../nvidia/cudnn/lib:$ORIGIN/../nvidia/cuda_runtime/lib"
    own = {f"{SITE}/tensorflow/libtensorflow_framework.so.2": elf(runpath=runpath)}
    alone = found(machine(own), tensorflow)
    assert file_of(alone["libcudnn.so.9"])[2] == "RUNPATH"
    other = {"/opt/libcudnn.so.9": elf()}
    assert (
        file_of(found(machine(own, other, variables={"LD_LIBRARY_PATH": "/opt"}), tensorflow)["libcudnn.so.9"])[2]
        == "LD_LIBRARY_PATH"
    )
