"""Rules about libraries that would be loaded, and about files that stand in each other's way."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.findings import Confidence, Severity
from envdoctor.model.libraries import EnvironmentFault, LibraryFile, LoadedLibrary, OpenMpRuntime
from envdoctor.model.record import replace
from tests.rules.facts import UNKNOWN, environment, gpu, image, machine, package, torch_environment
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED

SITE = "/home/ada/env/lib/python3.11/site-packages"
CONFLICT, CUDNN = "cuda.cuda_libs_conflict", "cuda.cudnn_mismatch"


def own(name: str, version: str | None) -> LibraryFile:
    return LibraryFile(f"{SITE}/nvidia/x/lib/{name}", Version(version) if version else UNKNOWN, "nvidia-x-cu12", is_own=True)


def foreign(name: str, version: str | None) -> LibraryFile:
    return LibraryFile(f"/opt/cuda/lib64/{name}", Version(version) if version else UNKNOWN)


def library(
    name: str, file: LibraryFile | None, *shadows: LibraryFile, way: str = "LD_LIBRARY_PATH", **more: object
) -> LoadedLibrary:
    base = LoadedLibrary(
        "torch", name, f"{SITE}/nvidia/cusparse/lib/libcusparse.so.12", file, way, "/opt/cuda/lib64", shadows, "libcusparse.so.12"
    )
    return replace(base, **more)


def loading(*libraries: LoadedLibrary, **more: object):
    return machine(environment=replace(torch_environment(), libraries=libraries), **more)


LINKER = "libnvJitLink.so.12"
GRAPH = "libcudnn_graph.so.9"


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            loading(library(LINKER, foreign(LINKER, "12.1.105"), own(LINKER, "12.8.93"))),
            FAIL,
            ["/opt/cuda/lib64/libnvJitLink.so.12 (12.1.105)", "12.8.93", "Remove /opt/cuda/lib64 from LD_LIBRARY_PATH"],
        ),
        (
            loading(
                library(LINKER, foreign(LINKER, None), own(LINKER, "12.8.93"), missing_symbols=("__nvJitLinkComplete_12_4",))
            ),
            FAIL,
            ["needs __nvJitLinkComplete_12_4", "importing torch fails"],
        ),
        (loading(library(LINKER, foreign(LINKER, None), own(LINKER, "12.8.93"))), FAIL, ["version unknown", "Where it is older"]),
        (loading(library(LINKER, foreign(LINKER, "12.9.41"), own(LINKER, "12.8.93"))), PASS, []),
        (loading(library(LINKER, foreign(LINKER, "12.8.93"), own(LINKER, "12.8.93"))), PASS, []),
        (loading(library(LINKER, foreign(LINKER, "12.1.105"))), PASS, []),
        (
            loading(library(LINKER, own(LINKER, "12.8.93"), foreign(LINKER, "12.1.105"), way="preload")),
            FAIL,
            ["An older libnvJitLink.so.12 is on LD_LIBRARY_PATH", "torch itself is spared"],
        ),
        (loading(library(LINKER, own(LINKER, "12.8.93"), foreign(LINKER, "12.9.41"), way="RPATH")), PASS, []),
        (
            loading(library("libcufft.so.11", own("libcufft.so.11", "11.3"), foreign("libcufft.so.11", "11.0"), way="RPATH")),
            PASS,
            [],
        ),
        (
            loading(library(LINKER, foreign(LINKER, "12.1.105"), own(LINKER, "12.8.93"), way="ld.so.cache")),
            FAIL,
            ["/etc/ld.so.conf.d"],
        ),
        (machine(environment=replace(torch_environment(), libraries=UNKNOWN)), SKIP, []),
    ],
)
def test_foreign_libraries(facts, verdict, words):
    if verdict is SKIP:  # no wheels, and nothing known of what would be loaded
        assert outcome(CONFLICT, facts).verdict is UNDECIDED
    else:
        expect(CONFLICT, facts, verdict, *words)


def test_how_sure_and_how_bad():
    (older,) = outcome(CONFLICT, loading(library(LINKER, foreign(LINKER, "12.1"), own(LINKER, "12.8")))).findings
    assert (older.severity, older.confidence) == (Severity.ERROR, Confidence.LIKELY)
    (unsure,) = outcome(CONFLICT, loading(library(LINKER, foreign(LINKER, None), own(LINKER, "12.8")))).findings
    assert (unsure.severity, unsure.confidence) == (Severity.WARNING, Confidence.POSSIBLE)


def test_parts_of_cudnn_must_be_of_one_version():
    newer = loading(library(GRAPH, foreign(GRAPH, "9.20.0"), own(GRAPH, "9.10.2.21")))
    expect(CUDNN, newer, FAIL, "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH", "Remove /opt/cuda/lib64 from LD_LIBRARY_PATH")
    expect(CONFLICT, newer, PASS)
    expect(CUDNN, loading(library(GRAPH, foreign(GRAPH, "9.10.2"), own(GRAPH, "9.10.2.21"))), PASS)


def test_one_finding_for_all_parts_from_one_folder():
    parts = [library(name, foreign(name, "9.1.0"), own(name, "9.10.2")) for name in (GRAPH, "libcudnn_ops.so.9", "libcudnn.so.9")]
    assert len(outcome(CUDNN, loading(*parts)).findings) == 1
    spared = library("libcudnn.so.9", own("libcudnn.so.9", "9.10.2"), foreign("libcudnn.so.9", "9.1.0"), way="RPATH")
    (found,) = outcome(CUDNN, loading(spared, parts[0])).findings
    assert found.severity is Severity.ERROR


def test_cuda_packages_whose_files_are_known_to_be_the_wrong_ones():
    packages = (
        package("nvidia-cudnn-cu12", "9.10.2"),
        package("nvidia-cudnn-cu13", "9.12.0"),
        package("torch", "2.9.1", "nvidia-cudnn-cu12==9.10.2"),
    )
    names = ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13")
    fault = EnvironmentFault("shared-files", names, ("nvidia/cudnn/lib/libcudnn.so.9",), 8, "RECORD", "nvidia-cudnn-cu13")
    (found,) = outcome(CONFLICT, machine(environment=environment(*packages, faults=(fault,)))).findings
    assert (found.severity, found.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert "those of nvidia-cudnn-cu13" in found.detail
    (right,) = outcome(
        CONFLICT, machine(environment=environment(*packages, faults=(replace(fault, present="nvidia-cudnn-cu12"),)))
    ).findings
    assert (right.severity, right.confidence) == (Severity.WARNING, Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (loading(library("libcudart.so.12", None)), FAIL, ["torch does not find libcudart.so.12", "Loading it may fail"]),
        (
            loading(library("libcublas.so.13", None, framework="onnxruntime"), gpus=(gpu(),)),
            FAIL,
            ["Where torch is imported first", "preload_dlls"],
        ),
        (loading(library("libcublas.so.13", None, framework="onnxruntime"), gpus=()), SKIP, ["there is no NVIDIA GPU"]),
        (loading(library("libcublas.so.13", None, framework="onnxruntime"), gpus=UNKNOWN), UNDECIDED, []),
        (loading(library("libcublas.so.13", None, framework="jax"), gpus=()), SKIP, []),
        (loading(library("libcudart.so.12", None), library("libcublas.so.13", None, framework="jax"), gpus=()), FAIL, ["torch"]),
        (loading(library("libcudnn.so.9", None, framework="tensorflow")), PASS, []),
        (loading(library(LINKER, own(LINKER, "12.8"))), PASS, []),
        (loading(), SKIP, []),
        (machine(environment=replace(torch_environment(), libraries=UNKNOWN)), UNDECIDED, []),
    ],
)
def test_cuda_library_not_found(facts, verdict, words):
    expect("loader.cuda_library_not_found", facts, verdict, *words)


@pytest.mark.parametrize(
    ("path", "verdict", "words"),
    [
        ("/usr/local/cuda/lib64/stubs:/usr/lib", FAIL, ["error 34", "Remove /usr/local/cuda/lib64/stubs from LD_LIBRARY_PATH"]),
        ("/usr/local/cuda/lib64", PASS, []),
        ("", SKIP, []),
    ],
)
def test_cuda_stub_library(path, verdict, words):
    expect("loader.cuda_stub_library", machine(variables={"LD_LIBRARY_PATH": path} if path else {}), verdict, *words)


def test_cuda_stub_library_in_an_image_without_variables():
    expect("loader.cuda_stub_library", image(variables=UNKNOWN), SKIP)


GNU = OpenMpRuntime("gnu", f"{SITE}/torch/lib/libgomp.so.1", "torch")
INTEL = OpenMpRuntime("intel", "/home/ada/env/lib/libiomp5.so", "")
LLVM = OpenMpRuntime("llvm", f"{SITE}/sklearn/.dylibs/libomp.dylib", "sklearn")


@pytest.mark.parametrize(
    ("runtimes", "verdict", "words"),
    [
        ((INTEL, LLVM), FAIL, ["OMP: Error #15", LLVM.path, INTEL.path]),
        ((GNU, GNU, GNU), PASS, []),
        ((GNU, INTEL), PASS, []),
        ((), SKIP, []),
        (UNKNOWN, UNDECIDED, []),
    ],
)
def test_openmp_duplicate(runtimes, verdict, words):
    expect("loader.openmp_duplicate", machine(environment=environment(openmp=runtimes)), verdict, *words)


CV, HEADLESS = package("opencv-python", "4.10.0"), package("opencv-python-headless", "4.9.0")
CV_FAULT = EnvironmentFault(
    "shared-files", ("opencv-python", "opencv-python-headless"), ("cv2/cv2.abi3.so",), 40, "RECORD", "opencv-python-headless"
)


@pytest.mark.parametrize(
    ("packages", "fault", "words"),
    [
        (
            (CV, HEADLESS),
            CV_FAULT,
            ["40 files", "cv2/cv2.abi3.so", "those of opencv-python-headless", "Keep opencv-python-headless only"],
        ),
        ((CV, HEADLESS, package("app", "1", "opencv-python>=4")), CV_FAULT, ["Keep opencv-python only", "opencv-python==4.10.0"]),
        ((CV, HEADLESS), replace(CV_FAULT, count=0, paths=(), present=""), ["the same modules"]),
    ],
)
def test_packages_share_files(packages, fault, words):
    expect("loader.packages_share_files", machine(environment=environment(*packages, faults=(fault,))), FAIL, *words)


def test_cuda_packages_that_share_files_are_a_matter_of_another_rule():
    fault = EnvironmentFault("shared-files", ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13"), ("x",), 1, "RECORD")
    expect("loader.packages_share_files", machine(environment=environment(CV, faults=(fault,))), PASS)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing-files", ["opencv-python is installed only in part", "/cv2", "--force-reinstall", "opencv-python==4.10.0"]),
        ("missing-record", ["RECORD", "--ignore-installed", "opencv-python==4.10.0"]),
    ],
)
def test_package_files_missing(kind, words):
    fault = EnvironmentFault(kind, ("opencv-python",), (f"{SITE}/cv2",), 1, "RECORD")
    expect("loader.package_files_missing", machine(environment=environment(CV, faults=(fault,))), FAIL, *words)
    expect("loader.package_files_missing", machine(environment=environment(CV)), PASS)
    unread = EnvironmentFault("unread-record", ("torch",), ("longer than 9 bytes",), 1, "torch.dist-info")
    expect("loader.package_files_missing", machine(environment=environment(CV, faults=(unread,))), UNDECIDED, "torch: longer")
    expect("loader.package_files_missing", machine(environment=environment(CV, faults=(unread, fault))), FAIL, *words)
    expect("loader.package_files_missing", machine(environment=environment()), SKIP)


def test_standard_library_shadowed():
    ahead = EnvironmentFault("shadows-standard-library", (), ("/home/ada/code/random.py",), 1, "/home/ada/code")
    behind = EnvironmentFault("shadows-standard-library", (), (f"{SITE}/typing.py",), 1, SITE)
    rule = "loader.standard_library_shadowed"
    facts = machine(environment=environment(faults=(ahead, behind)), variables={"PYTHONPATH": "/home/ada/code"})
    expect(rule, facts, FAIL, "comes before the standard library", "random.py", "so that it is not used", "typing.py")
    assert [found.severity for found in outcome(rule, facts).findings] == [Severity.WARNING, Severity.INFO]
    expect(rule, machine(environment=environment()), PASS)
