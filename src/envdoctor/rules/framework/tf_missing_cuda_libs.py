"""The rule tf-missing-cuda-libs."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import CudaToolkit, Framework, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import environment, framework, nvidia_gpus, on_linux
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.stated_cuda import other_toolkit
from envdoctor.rules.wording import listed

WHEELS = ("cublas", "cudnn", "cuda-runtime", "cufft", "cusolver", "cusparse")
FROM_CONDA = ("cudatoolkit", "cuda-cudart", "cuda-libraries", "cudnn")
EXTRA_SINCE = Version("2.14")


@rule(Severity.ERROR)
def tf_missing_cuda_libs(case: Case) -> Iterator[Finding]:
    """TensorFlow's CUDA build finds no CUDA libraries.

    What it checks
        On Linux with an NVIDIA GPU: whether the CUDA and cuDNN that TensorFlow was built for are there as nvidia wheels, as
        conda packages, or as a system toolkit and cuDNN of the same major version. In a report: whether the CUDA that it
        states is the one that a release before 2.14 was built for.

    Why it matters
        TensorFlow does not bring CUDA with it. Without the libraries it says "Cannot dlopen some GPU libraries. Skipping
        registering GPU devices..." and runs on the CPU.

    How to fix
        Install `tensorflow[and-cuda]` (2.14 and newer), which brings all of them.

    References
        https://www.tensorflow.org/install/pip
        https://www.tensorflow.org/install/source#gpu
    """
    is_windows_report = case.facts.subject.kind == "report" and need(need(case.facts.os).system) == "windows"
    if not is_windows_report:
        on_linux(case)
    tensorflow = framework(case, "tensorflow")
    if need(tensorflow.flavour) != "cuda":
        raise skip("TensorFlow was not built for CUDA")
    nvidia_gpus(case)
    cuda = need(tensorflow.cuda_version)
    if cuda is None:
        raise skip("TensorFlow was not built for CUDA")
    there = environment(case)
    names = {package.name for package in need(there.packages)}
    missing = [wheel for wheel in WHEELS if f"nvidia-{wheel}-cu{cuda.major}" not in names and f"nvidia-{wheel}" not in names]
    if not missing or any(name in names for name in FROM_CONDA):
        return
    other = other_toolkit(case, cuda) if need(tensorflow.version) < EXTRA_SINCE else None
    if other is not None:
        yield _stated(tensorflow, cuda, other)
    elif not is_windows_report and not _system_serves(case, tensorflow, cuda):
        yield _found(tensorflow, cuda, missing)


def _stated(tensorflow: Framework, cuda: Version, other: CudaToolkit) -> Finding:
    """Another CUDA than the build's is all that a text states."""
    return Finding(
        title=f"TensorFlow {tensorflow.version} was built for CUDA {cuda}, and CUDA {other.version} is there",
        detail=f"It loads the libraries of CUDA {cuda} from the system; the text states CUDA {other.version} only. Without its "
        "own it does not start, or runs on the CPU.",
        evidence=(
            evidence("frameworks[tensorflow].cuda_version", cuda, tensorflow.source),
            evidence("toolkits[0].version", other.version, other.source),
        ),
        fixes=(_install_cuda(cuda),),
        confidence=Confidence.POSSIBLE,
        severity=Severity.WARNING,
    )


def _install_cuda(cuda: Version) -> Fix:
    return Fix(
        f"Install CUDA {cuda} and its cuDNN",
        text="This release has no extra that brings them: install the toolkit and cuDNN of the table at "
        "https://www.tensorflow.org/install/source#gpu, or a TensorFlow from 2.15.1 on with [and-cuda].",
    )


def _system_serves(case: Case, tensorflow: Framework, cuda: Version) -> bool:
    """Whether a system toolkit and a system cuDNN of the right major versions are there."""
    wanted = tensorflow.cudnn_version
    has_toolkit = any(
        not isinstance(toolkit.version, Unknown) and toolkit.version.major == cuda.major for toolkit in need(case.facts.toolkits)
    )
    has_cudnn = any(
        wanted is None or isinstance(wanted, Unknown) or isinstance(cudnn.version, Unknown) or cudnn.version.major == wanted.major
        for cudnn in need(case.facts.cudnns)
    )
    return has_toolkit and has_cudnn


def _found(tensorflow: Framework, cuda: Version, missing: list[str]) -> Finding:
    version = need(tensorflow.version)
    public = "2.15.1" if version.public == "2.15.0" else version.public
    fix = Fix(
        "Install TensorFlow with its CUDA libraries",
        safe=True,
        packages=(f"tensorflow[and-cuda]=={public}",),
        text="2.15.1 in place of 2.15.0, whose extra cannot be installed from PyPI." if public != version.public else "",
    )
    return Finding(
        title=f"TensorFlow {version} has no CUDA {cuda.major} libraries to load",
        detail=f"TensorFlow {version} was built for CUDA {cuda}; {listed(missing)} for CUDA {cuda.major} are wanted, and "
        "neither wheels, conda packages nor a system toolkit bring them. It most likely runs on the CPU.",
        evidence=(
            evidence("frameworks[tensorflow].cuda_version", cuda, tensorflow.source),
            evidence(f"packages[nvidia-{missing[0]}-cu{cuda.major}]", "none", "package metadata"),
        ),
        fixes=(fix if version >= EXTRA_SINCE else _install_cuda(cuda),),
        confidence=Confidence.LIKELY,
    )
