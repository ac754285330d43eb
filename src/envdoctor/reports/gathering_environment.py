"""The Python environment of a report: interpreter, packages, and frameworks with the build that is stated of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.version import Version

from envdoctor.model.facts import Framework, Interpreter, Package, PythonEnvironment, Unknown
from envdoctor.model.record import replace
from envdoctor.reports.gathering_extensions import tagged_extensions
from envdoctor.reports.gathering_system import NOT_SAID, gather_os
from envdoctor.reports.stating import MENTIONED, Stated, about
from envdoctor.reports.versions import cuda_of_build, find_version

_DISTRIBUTIONS = {
    "torch": ("torch", "pytorch", "torch-nightly"),
    "tensorflow": ("tensorflow", "tensorflow-gpu", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly"),
    "jax": ("jax", "jaxlib"),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime", "onnxruntime-directml", "onnxruntime-rocm"),
    "cupy": ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x"),
    "paddlepaddle": ("paddlepaddle-gpu", "paddlepaddle"),
}
_UNLISTED = ("environment", "form", "mentioned", "Python")
"""Forms of text that name a software, not the distribution that brought it."""
_WITHOUT = {"torch.cuda": r"none\b|could not collect", "torch.rocm": r"none\b|n/?a\b"}
"""How torch says that it was built without; of CUDA N/A says that torch could not be imported."""
_WHOLE_LISTING = 20
"""From so many packages on a listing is taken for the whole environment."""


def gather_environment(stated: Sequence[Stated]) -> PythonEnvironment | Unknown:
    """The environment; Unknown where neither Python nor a package is stated."""
    packages = gather_packages(stated)
    python = gather_interpreter(stated)
    if not packages and isinstance(python, Unknown):
        return NOT_SAID
    return PythonEnvironment(
        prefix="",
        kind=NOT_SAID,
        found_by="the report",
        interpreter=python,
        packages=packages or NOT_SAID,
        frameworks=tuple(_frameworks(stated, packages)) if packages else NOT_SAID,
        base_prefix=NOT_SAID,
        site_packages=NOT_SAID,
        system_site_packages=False,
        source="the report",
    )


def gather_interpreter(stated: Sequence[Stated]) -> Interpreter | Unknown:
    """The interpreter, by its version."""
    for one in about(stated, "python"):
        match = re.search(r"(?<![\d.])((?:2\.[67]|3\.\d{1,2})(?:\.\d{1,2})?(?:(?:a|b|rc)\d)?)(?!\d)", one.value)
        if match is not None:
            return Interpreter(path=NOT_SAID, version=Version(match[1]), implementation=NOT_SAID, source=one.source)
    return NOT_SAID


def gather_packages(stated: Sequence[Stated]) -> tuple[Package, ...]:
    """Every package whose version is stated; of several statements the heaviest, then the last."""
    best: dict[str, tuple[Stated, Version]] = {}
    for one in (*_installed(stated), *stated):
        if not one.topic.startswith("package.") or one.weight < MENTIONED or re.match(r"(?i)not |n/?a\b|none", one.value):
            continue
        name, version = one.topic.partition(".")[2], find_version(one.value)
        if version is not None and (name not in best or one.weight >= best[name][0].weight):
            best[name] = (one, version)
    for name, proof in (("onnxruntime", "ort.gpu"), ("tensorflow", "wanted.tensorflow-gpu")):
        if name not in best or best[name][0].form not in _UNLISTED:
            continue
        gpu = best.get(f"{name}-gpu")
        if gpu is not None and gpu[0].weight < best[name][0].weight and gpu[1] != best[name][1]:
            del best[f"{name}-gpu"]  # another one that the text tells of
            gpu = None
        if gpu is None and any(one.topic == proof and _is_of(best[name][1], one) for one in stated):
            best[f"{name}-gpu"] = best.pop(name)
        elif gpu is not None and (best[name][0].form != "mentioned" or gpu[1] == best[name][1]):
            del best[name]  # a label names the software that both bring
    return tuple(_package(name, version, one) for name, (one, version) in sorted(best.items()))


def _is_of(version: Version, wanted: Stated) -> bool:
    """Whether what was asked for is that release; `ort.gpu` names none."""
    asked = find_version(wanted.value)
    return asked is None or asked.release[:2] == version.release[:2]


def _installed(stated: Sequence[Stated]) -> list[Stated]:
    """What a command asked to install, where torch was then asked for the GPU: it is there."""
    if not any(one.topic == "cuda.available" for one in stated):
        return []
    return [
        replace(one, topic=f"package.{one.topic.partition('.')[2]}", weight=MENTIONED)
        for one in stated
        if one.topic.startswith("wanted.")
    ]


def _package(name: str, version: Version, one: Stated) -> Package:
    return Package(
        name=name, version=version, requires=NOT_SAID, requires_python=NOT_SAID, tags=NOT_SAID,
        installer="conda" if one.form == "conda list" else NOT_SAID, editable=NOT_SAID, source=one.source,
    )  # fmt: skip


def _frameworks(stated: Sequence[Stated], packages: tuple[Package, ...]) -> list[Framework]:
    by_name = {package.name: package for package in packages}
    found = []
    for name, distributions in _DISTRIBUTIONS.items():
        package = next((by_name[one] for one in distributions if one in by_name), None)
        if package is not None:
            one = _torch(stated, package, by_name) if name == "torch" else _other(name, package, by_name)
            found.append(_with_conda_build(one, stated) if name == "tensorflow" else one)
    if not any(one.name == "torch" for one in found):
        found += _conda_torch(stated)
    return [*found, *_index_vision(stated, by_name), *tagged_extensions(packages)]


def _conda_torch(stated: Sequence[Stated]) -> list[Framework]:
    """The torch of no stated release that conda was asked for together with a CUDA, where it was then asked for the GPU."""
    wanted = next(about(stated, "wanted-cuda.torch"), None)
    if wanted is None or not any(one.topic == "cuda.available" for one in stated) or _is_amd(stated):
        return []
    return [Framework("torch", NOT_SAID, "cuda", Version(wanted.value), NOT_SAID, gpu_code=NOT_SAID, source=wanted.source)]


def _index_vision(stated: Sequence[Stated], by_name: dict[str, Package]) -> list[Framework]:
    """A torchvision whose listed version bears no build, beside a torch that does, is the package index's: on Windows for CPU.

    Source: https://pypi.org/project/torchvision/#files (the wheels for Windows are those of download.pytorch.org/whl/cpu).
    """
    torch, vision = by_name.get("torch"), by_name.get("torchvision")
    if torch is None or vision is None or not isinstance(torch.version, Version) or not isinstance(vision.version, Version):
        return []
    plain = (torch.version.local or "").startswith("cu") and vision.version.local is None and vision.source.endswith("(pip list)")
    os = gather_os(stated) if plain else NOT_SAID
    if isinstance(os, Unknown) or os.system != "windows":
        return []
    version = Version(f"{vision.version.public}+cpu")
    return [Framework("torchvision", version, "cpu", None, source=vision.source, distribution="torchvision")]


def _torch(stated: Sequence[Stated], package: Package, by_name: dict[str, Package]) -> Framework:
    version = package.version
    local = (version.local or "") if isinstance(version, Version) else ""
    build = local or next((one.value for one in about(stated, "build.torch", "build.pytorch")), "")
    cuda, rocm = _stated_build(stated, build, by_name)
    flavour: str | Unknown = NOT_SAID
    if isinstance(rocm, Version):
        flavour = "rocm"
    elif isinstance(cuda, Version):
        flavour = "cuda"
    elif local == "cpu" or re.search(r"(?<![a-z])cpu", build) or (cuda is None and (rocm is None or not _is_amd(stated))):
        flavour = "cpu"
    elif _is_available(stated):
        flavour, cuda = "cuda", NOT_SAID
    code = _stated_code(stated)
    return Framework(
        name="torch",
        version=version,
        flavour=flavour,
        cuda_version=None if flavour in {"cpu", "rocm"} else NOT_SAID if cuda is None else cuda,
        cudnn_version=NOT_SAID,
        rocm_version=rocm if flavour == "rocm" else None if isinstance(flavour, str) else NOT_SAID,
        gpu_code=code if code else None if flavour == "cpu" else NOT_SAID,
        gpu_code_source="torch's own list, in the report" if code else "",
        source=package.source,
        distribution="torch",
    )


def _is_available(stated: Sequence[Stated]) -> bool:
    """Whether torch itself said that CUDA is available, on a machine where nothing speaks of AMD."""
    said = next(about(stated, "cuda.available"), None)
    return said is not None and re.match(r"true|yes", said.value, re.I) is not None and not _is_amd(stated)


def _is_amd(stated: Sequence[Stated]) -> bool:
    """Whether anything speaks of an AMD GPU."""
    return any(one.topic in {"gfx", "gpu.amd"} or re.search(r"radeon|instinct", one.value, re.I) for one in stated)


def _stated_code(stated: Sequence[Stated]) -> tuple[str, ...]:
    """The GPU code that torch itself lists; empty where it does not."""
    for one in about(stated, "torch.code"):
        codes = tuple(re.findall(r"(?:sm|compute)_\d+\w?|gfx\w+", one.value))
        if codes:
            return codes
    return ()


def _stated_build(
    stated: Sequence[Stated], build: str, by_name: dict[str, Package]
) -> tuple[Version | Unknown | None, Version | Unknown | None]:
    """CUDA and ROCm that torch was built with: what it says itself, its version, conda's build, its CUDA wheels."""
    cuda, rocm = _said(stated, "torch.cuda"), _said(stated, "torch.rocm")
    match = re.search(r"rocm(\d+(?:\.\d+)*)", build)
    if match and not isinstance(rocm, Version):
        rocm = Version(match[1])
    if not isinstance(cuda, Version) and not isinstance(rocm, Version):
        cuda = cuda_of_build(build) or cuda
    runtime = next((by_name[name] for name in by_name if re.fullmatch(r"nvidia-cuda-runtime-cu1[1-9]", name)), None)
    built = isinstance(cuda, Version) or isinstance(rocm, Version) or build == "cpu"
    if not built and runtime is not None and isinstance(runtime.version, Version):
        cuda = Version(f"{runtime.version.major}.{runtime.version.minor}")
    return cuda, rocm


def _said(stated: Sequence[Stated], topic: str) -> Version | Unknown | None:
    """A version that torch states of its build; None where it says that there is none."""
    for one in about(stated, topic):
        version = find_version(one.value)
        if version is not None and version.major < 90:
            return Version(f"{version.major}.{version.minor}") if topic == "torch.cuda" else version
        if one.form != "form" and re.match(_WITHOUT[topic], one.value, re.I):
            return None
    return NOT_SAID


def _other(name: str, package: Package, by_name: dict[str, Package]) -> Framework:
    """A framework whose distribution, or companion, tells its flavour."""
    flavour: str | Unknown = NOT_SAID
    cuda: Version | Unknown | None = NOT_SAID
    if name == "jax":
        flavour, cuda = _jax_build(by_name)
    elif package.name.endswith("-cpu") or (package.name == "onnxruntime" and _is_listed(package)):
        flavour, cuda = "cpu", None
    elif package.name.endswith("-gpu") or "-cuda" in package.name:
        flavour = "cuda"
    return Framework(name, package.version, flavour, cuda, cudnn_version=NOT_SAID, gpu_code=NOT_SAID, source=package.source,
                     distribution=package.name if name != "onnxruntime" or flavour is not NOT_SAID else "")  # fmt: skip


def _with_conda_build(tensorflow: Framework, stated: Sequence[Stated]) -> Framework:
    """TensorFlow with the flavour that the build of its conda package names: `mkl_py38h8557ec7_0`, `gpu_py38h29f1d0e_0`."""
    for one in about(stated, "build.tensorflow-base", "build.tensorflow"):
        match = re.match(r"(?P<cpu>mkl_|eigen_|cpu_)|(?P<cuda>gpu_|cuda)", one.value)
        if match is not None:
            cpu = match["cpu"] is not None
            return replace(tensorflow, flavour="cpu" if cpu else "cuda", cuda_version=None if cpu else tensorflow.cuda_version)
    return tensorflow


def _is_listed(package: Package) -> bool:
    """Whether a listing names the distribution; a label such as "ONNX Runtime version" names the software only."""
    return not package.source.endswith(tuple(f"({form})" for form in _UNLISTED))


def _jax_build(by_name: dict[str, Package]) -> tuple[str | Unknown, Version | Unknown | None]:
    plugin = next((re.search(r"cuda(\d\d)", name) for name in by_name if re.match(r"jax-cuda\d\d", name)), None)
    jaxlib = by_name.get("jaxlib")
    local = jaxlib.version.local or "" if jaxlib is not None and isinstance(jaxlib.version, Version) else ""
    match = plugin or re.search(r"cuda(\d\d)", local)
    if match:
        return "cuda", Version(match[1])
    if "rocm" in local or any("rocm" in name and name.startswith("jax") for name in by_name):
        return "rocm", None
    return ("cpu", None) if len(by_name) >= _WHOLE_LISTING and jaxlib is not None else (NOT_SAID, NOT_SAID)
