"""Which version a library file is, and which distribution brought it, by its place and its full name."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.libraries import LibraryFile
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_text
from envdoctor.probes.assignments import parse_version
from envdoctor.probes.cuda_versions import parse_cudnn_header
from envdoctor.probes.metadata import normalize_name, parse_folder_name
from envdoctor.probes.places import name_of, parent_of, resolved
from envdoctor.system.port import System

COMPONENTS = {
    "libcudart": "cuda-runtime", "libcublas": "cublas", "libcublasLt": "cublas", "libnvblas": "cublas", "libcudnn": "cudnn",
    "libnccl": "nccl", "libnvJitLink": "nvjitlink", "libcusparse": "cusparse", "libcusparseLt": "cusparselt",
    "libcusolver": "cusolver", "libcusolverMg": "cusolver", "libcufft": "cufft", "libcurand": "curand",
    "libnvrtc": "cuda-nvrtc", "libnvrtc-builtins": "cuda-nvrtc", "libcupti": "cuda-cupti", "libcufile": "cufile",
    "libnvshmem_host": "nvshmem", "libnvToolsExt": "nvtx",
}  # fmt: skip
"""The stem of a CUDA library's name to the part of CUDA that it is, as NVIDIA's distributions call it: nvidia-PART-cu12."""

_STEM = r"(lib[A-Za-z]+(?:-builtins|_host)?)(?:_\w+)?(?:-[0-9a-f]{8})?\.so(?:\.|$)"
_STARTS = tuple(COMPONENTS)


def component_of(name: str) -> str | None:
    """The part of CUDA that a library is by its name (`cudnn` for `libcudnn_graph.so.9`); None for any other library."""
    stem, _, end = name.partition(".so")
    if stem in COMPONENTS and end[:1] in {"", "."}:
        return COMPONENTS[stem] if stem != name else None
    found = re.match(_STEM, name) if name.startswith(_STARTS) else None
    return COMPONENTS.get(found[1]) if found else None


class LibraryFiles:
    """Describes library files; what it reads of a folder of packages is read once."""

    def __init__(self, system: System, sites: tuple[str, ...] = ()) -> None:
        """Describe files for an environment whose packages lie in `sites`."""
        self._system = system
        self._sites = tuple(f"{one}/" for site in sites for one in dict.fromkeys((site, resolved(system, site))))
        self._names: dict[str, list[str]] = {}

    def describe(self, path: str) -> LibraryFile:
        """A library file.

        Sources: the metadata folder of the NVIDIA distribution whose part of CUDA the library is, where it lies in
        `nvidia/*/lib` (where there is none, the header in its wheel); else the number in its full name, with links followed.
        Sonames (two numbers at most) are no versions.
        """
        site, *places = path.rsplit("/", 4)
        if site and len(places) == 4 and (places[0], places[2]) == ("nvidia", "lib"):
            return self._of_wheel(path, site)
        real = resolved(self._system, path)
        stem, _, number = name_of(real).rpartition(".so.")
        is_whole = bool(stem) and number.count(".") > 1 and all(map(str.isdecimal, number.split(".")))
        version = parse_version(number) if is_whole else None
        return LibraryFile(path, version or Unknown(f"{path} does not carry its version in its name"), "", self._is_own(path))

    def _of_wheel(self, path: str, site: str) -> LibraryFile:
        part = component_of(name_of(path))
        owners = self._owners(site, part) if part else {}
        if len(owners) > 1:
            file = path.removeprefix(f"{site}/")
            owners = {folder: stated for folder, stated in owners.items() if self._records(f"{site}/{folder}", file)} or owners
        names = ", ".join(name for name, _version in owners.values())
        if len(owners) != 1:
            reason = f"{names} all claim it" if owners else f"no distribution in {site} owns it"
            beside = self._stated_beside(path) if part == "cudnn" and not owners else None
            return LibraryFile(path, beside or Unknown(reason), names, self._is_own(path))
        version = parse_version(next(iter(owners.values()))[1])
        return LibraryFile(path, version or Unknown(f"{names} states no version"), names, self._is_own(path))

    def _stated_beside(self, path: str) -> Version | None:
        """The version in cuDNN's header, which lies beside the library's folder where the wheel was merely unpacked."""
        text = read_text(self._system, f"{parent_of(parent_of(path))}/include/cudnn_version.h")
        return parse_cudnn_header(text) if isinstance(text, str) else None

    def _is_own(self, path: str) -> bool:
        return path.startswith(self._sites)

    def _owners(self, site: str, part: str) -> dict[str, tuple[str, str | None]]:
        """Metadata folders of the distributions of a part of CUDA, with normalized name and version."""
        if site not in self._names:
            names = names_or_none(self._system, site)
            self._names[site] = [name for name in names if name.startswith("nvidia_") and name.endswith(".dist-info")]
        own = f"nvidia-{part}"
        pairs = {name: parse_folder_name(name) for name in self._names[site]}
        normal = {folder: (normalize_name(name), version) for folder, (name, version) in pairs.items()}
        return {folder: stated for folder, stated in normal.items() if stated[0] == own or _is_suffixed(stated[0], own)}

    def _records(self, folder: str, file: str) -> bool:
        """Whether a distribution's RECORD lists a file."""
        text = read_text(self._system, f"{folder}/RECORD")
        return isinstance(text, str) and f"\n{file}," in f"\n{text}"


def _is_suffixed(name: str, own: str) -> bool:
    """Whether a distribution is called after a CUDA too: `nvidia-cublas-cu12`."""
    return name.startswith(f"{own}-cu") and name[len(own) + 3 :].isdecimal()
