"""Containers, and whether the driver was injected into them."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Container, Unknown
from envdoctor.probes.container import kind_by_cgroup, probe_container
from envdoctor.system.port import Denied
from tests.machines import LINUX, Machine

RUNNING = {"/proc/version": "Linux version 6.1.0", "/proc/self/mountinfo": "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"}
DOCKER_CGROUP = "12:pids:/docker/ee6e3c05422f1273c9b41a26f2b4ec64bdb4480d63a1ad9741e05cafc1651b90\n"


@pytest.mark.parametrize(
    ("files", "variables", "runtime"),
    [
        ({"/.dockerenv": ""}, {}, "docker"),
        ({"/run/.containerenv": 'engine="podman-4.9.3"\n'}, {}, "podman"),
        ({"/.singularity.d/labels.json": "{}"}, {}, "apptainer"),
        ({"/.dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"/run/secrets/kubernetes.io/serviceaccount/token": "x"}, {}, "kubernetes"),
        ({"/proc/1/environ": "TERM=xterm\0container=podman\0HOME=/root\0"}, {}, "podman"),
        ({"/proc/1/environ": "container=lxc-libvirt\0"}, {}, "lxc"),
        ({"/proc/1/environ": "container=systemd-nspawn\0"}, {}, "systemd-nspawn"),
        ({"/proc/1/environ": "container=oci\0"}, {}, "unknown kind"),
        ({"/proc/1/environ": "container=zone\0"}, {}, "illumos-lx"),
        ({"/run/systemd/container": "lxc\n"}, {}, "lxc"),
        ({"/proc/self/cgroup": DOCKER_CGROUP}, {}, "docker"),
        ({"/proc/self/status": "Name:\tcat\nenvID:\t101\n"}, {}, "openvz"),
    ],
)
def test_kinds(files: dict[str, str], variables: dict[str, str], runtime: str) -> None:
    found = probe_container(Machine({**RUNNING, **files}, variables=variables))
    assert isinstance(found, Container)
    assert found.runtime == runtime
    assert found.nvidia_injected is False


def test_neither_cgroups_nor_mounts_tell_nothing() -> None:
    assert isinstance(probe_container(Machine({"/proc/version": "Linux version 6.1.0"})), Unknown)
    assert probe_container(Machine({"/proc/version": "Linux version 6.1.0", "/proc/1/cgroup": "0::/init.scope\n"})) is None


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"/proc/1/environ": "container=wsl\0"},
        {"/proc/1/environ": Denied("/proc/1/environ", "no permission")},
        {"/proc/self/cgroup": "0::/user.slice/user-1000.slice/session-1.scope\n"},
        {"/proc/self/cgroup": "0::/system.slice/docker.service\n"},
        {"/proc/self/status": "Name:\tcat\nenvID:\t0\nVxID: 0\n"},
    ],
)
def test_no_container(files: dict[str, str]) -> None:
    assert probe_container(Machine({**RUNNING, **files})) is None


def test_macos_and_windows_run_no_linux_containers() -> None:
    assert probe_container(Machine({}, host={"uname": {**LINUX, "system": "Darwin"}})) is None


def test_an_image_is_not_running() -> None:
    assert isinstance(probe_container(Machine({"/etc/os-release": "ID=debian"})), Unknown)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-0123.scope", "kubernetes"),
        ("0::/machine.slice/libpod-0123456789abcdef.scope/container", "podman"),
        ("0::/system.slice/docker-0123456789abcdef.scope", "docker"),
        ("0::/lxc.payload.srv3/init.scope", "lxc"),
        ("0::/system.slice/cri-containerd-0123.scope", "containerd"),
        ("0::/init.scope", None),
        ("0::/", None),
    ],
)
def test_cgroup_names(text: str, kind: str | None) -> None:
    assert kind_by_cgroup(text) == kind


def test_by_what_is_mounted() -> None:
    mounts = "900 800 0:55 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB\n"
    found = probe_container(Machine({**RUNNING, "/proc/self/mountinfo": mounts}))
    assert isinstance(found, Container)
    assert found.runtime == "docker"


def test_the_mounts_of_a_host_with_containers_are_no_sign() -> None:
    mounts = RUNNING["/proc/self/mountinfo"] + (
        "900 22 0:55 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB\n"
    )
    assert probe_container(Machine({**RUNNING, "/proc/self/mountinfo": mounts})) is None


@pytest.mark.parametrize(
    "point",
    [
        "/usr/bin/nvidia-smi",
        "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15",
        "/usr/lib64/libnvidia-ml.so.535.104.05",
        "/proc/driver/nvidia",
        "/dev/nvidia0",
        "/usr/lib/wsl/drivers",
    ],
)
def test_an_injected_driver_by_its_mounts(point: str) -> None:
    mounts = RUNNING["/proc/self/mountinfo"] + f"30 22 8:1 /usr{point} {point} ro,nosuid - ext4 /dev/sda1 rw\n"
    found = probe_container(Machine({**RUNNING, "/.dockerenv": "", "/proc/self/mountinfo": mounts}))
    assert isinstance(found, Container)
    assert found.nvidia_injected is True


def test_devices_without_the_driver_are_not_injection() -> None:
    found = probe_container(Machine({**RUNNING, "/.dockerenv": ""}, devices={"/dev/nvidia0": "195:0"}))
    assert isinstance(found, Container)
    assert found.nvidia_injected is False


def test_apptainer_binds_the_driver_elsewhere() -> None:
    files = {**RUNNING, "/.singularity.d/libs/libcuda.so.1": ""}
    found = probe_container(Machine(files, devices={"/dev/nvidiactl": "195:255"}))
    assert isinstance(found, Container)
    assert found.nvidia_injected is True


def test_without_mounts_it_cannot_be_told() -> None:
    found = probe_container(Machine({"/proc/version": "Linux version 6.1.0", "/.dockerenv": ""}))
    assert isinstance(found, Container)
    assert isinstance(found.nvidia_injected, Unknown)
