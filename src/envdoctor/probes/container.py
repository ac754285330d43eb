"""The container that this process runs in.

Sources, in order: Kubernetes' variables and secrets; /run/.containerenv (Podman), /.dockerenv, /.singularity.d; the `container`
variable of the first process and what systemd keeps of it; the names of cgroups; what the root file system and
/etc/resolv.conf are mounted from; the marks of OpenVZ and Linux-VServer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from envdoctor.model.facts import Container
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, is_there, read_line, read_text, variable
from envdoctor.probes.mounts import MOUNTINFO, Mount, read_mounts
from envdoctor.system.port import System

UNKNOWN_KIND = "unknown kind"
_SECRETS = ("/run/secrets/kubernetes.io", "/var/run/secrets/kubernetes.io")
_STATED = ("/run/systemd/container", "/run/host/container-manager")
_CGROUP_FILES = ("/proc/self/cgroup", "/proc/1/cgroup")
_CGROUPS = (
    (r"/kubepods", "kubernetes"), (r"/libpod[-_]|/libpod/", "podman"), (r"/docker[-/][0-9a-f]{12,}", "docker"),
    (r"/lxc/|/lxc\.payload|/lxc-libvirt", "lxc"), (r"cri-containerd-|/containerd[-/]", "containerd"),
    (r"/machine\.slice/machine-[^/]+\.scope|/systemd-nspawn@", "systemd-nspawn"),
)  # fmt: skip
_MOUNTED = (
    (r"/kubelet/pods/", "kubernetes"), (r"/containers/storage/", "podman"), (r"/docker/(overlay2|containers|rootfs)", "docker"),
    (r"/(io\.)?containerd", "containerd"),
)  # fmt: skip
_NAMES = {
    "docker": "docker", "podman": "podman", "lxc": "lxc", "lxc-libvirt": "lxc", "systemd-nspawn": "systemd-nspawn",
    "kube": "kubernetes", "containerd": "containerd", "apptainer": "apptainer", "singularity": "apptainer",
    "zone": "illumos-lx",
}  # fmt: skip
_INJECTED_UNDER = ("/proc/driver/nvidia", "/dev/nvidia", "/usr/lib/wsl/")
_INJECTED_LIBRARIES = ("libcuda.so", "libnvidia-ml.so")


def probe_container(system: System) -> Container | Unknown | None:
    """The container's kind; None outside of one, Unknown where nothing runs (an image)."""
    if not is_there(system, "/proc/self") and not is_there(system, "/proc/version"):
        uname = host_answer(system, "uname")
        is_other = not isinstance(uname, Unknown) and uname["system"] != "Linux"
        return None if is_other else Unknown("/proc is not there: no running Linux system to look at")
    mounts = read_mounts(system)
    for look in (_by_kubernetes, _by_marks, _by_first_process, _by_cgroup, _by_status):
        found = look(system)
        if found:
            return Container(found[0], _is_injected(system, mounts), found[1])
    if not isinstance(mounts, tuple):
        return None if _has_cgroups(system) else Unknown("neither cgroups nor mounts can be read, which would show a container")
    mounted = _by_mounts(mounts)
    return Container(mounted, _is_injected(system, mounts), MOUNTINFO) if mounted else None


Sighting = tuple[str, str]
"""The kind of container and the source of that."""


def _by_kubernetes(system: System) -> Sighting | None:
    if variable(system, "KUBERNETES_SERVICE_HOST"):
        return "kubernetes", "KUBERNETES_SERVICE_HOST"
    return next((("kubernetes", path) for path in _SECRETS if is_there(system, path)), None)


def _by_marks(system: System) -> Sighting | None:
    marks = (("/run/.containerenv", "podman"), ("/.dockerenv", "docker"), ("/.singularity.d", "apptainer"))
    return next(((kind, path) for path, kind in marks if is_there(system, path)), None)


def _by_first_process(system: System) -> Sighting | None:
    environ = read_text(system, "/proc/1/environ")
    match = re.search(r"(?:^|[\0\n])container=([^\0\n]+)", environ) if isinstance(environ, str) else None
    if match:
        return _named(match[1], "/proc/1/environ")
    for path in _STATED:
        line = read_line(system, path)
        if isinstance(line, str) and line:
            return _named(line, path)
    return None


def _named(word: str, source: str) -> Sighting | None:
    return None if word == "wsl" else (_NAMES.get(word, UNKNOWN_KIND), source)


def _by_cgroup(system: System) -> Sighting | None:
    for path in _CGROUP_FILES:
        text = read_text(system, path)
        kind = kind_by_cgroup(text) if isinstance(text, str) else None
        if kind:
            return kind, path
    return None


def _has_cgroups(system: System) -> bool:
    return any(isinstance(read_text(system, path), str) for path in _CGROUP_FILES)


def kind_by_cgroup(text: str) -> str | None:
    """The kind of container that the names of a process's cgroups show; None where they show none."""
    return next((kind for pattern, kind in _CGROUPS if re.search(pattern, text)), None)


def _by_status(system: System) -> Sighting | None:
    """OpenVZ and Linux-VServer number their guests in /proc/self/status; the host is 0."""
    text = read_text(system, "/proc/self/status")
    for key, kind in (("envID", "openvz"), ("VxID", "vserver")):
        match = re.search(rf"^{key}:\s*(\d+)", text, re.MULTILINE) if isinstance(text, str) else None
        if match and int(match[1]) != 0:
            return kind, "/proc/self/status"
    return None


def _by_mounts(mounts: tuple[Mount, ...]) -> str | None:
    words = [
        " ".join((mount.root, mount.origin, *sorted(mount.options)))
        for mount in mounts
        if mount.point in ("/", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname")
    ]
    return next((kind for pattern, kind in _MOUNTED if any(re.search(pattern, word) for word in words)), None)


def _is_of_driver(point: str) -> bool:
    """Whether what is mounted there is the driver's: its devices, its two libraries or nvidia-smi."""
    name = point.rpartition("/")[2] if "/" in point else ""
    library = name.rstrip("0123456789.")  # `libcuda.so.550.54.14`
    return point.startswith(_INJECTED_UNDER) or name == "nvidia-smi" or library in _INJECTED_LIBRARIES


def _is_injected(system: System, mounts: tuple[Mount, ...] | Unknown) -> bool | Unknown:
    """Whether the driver's files are mounted into the container, or its devices stand beside libraries that were."""
    if isinstance(mounts, tuple) and any(_is_of_driver(mount.point) for mount in mounts):
        return True
    has: Callable[[str], bool] = lambda path: is_there(system, path)  # noqa: E731
    if any(map(has, ("/dev/nvidiactl", "/dev/nvidia0", "/proc/driver/nvidia/version"))):
        return any(map(has, ("/.singularity.d/libs/libcuda.so.1", "/usr/bin/nvidia-smi", "/usr/local/nvidia/lib64/libcuda.so.1")))
    return False if isinstance(mounts, tuple) else mounts
