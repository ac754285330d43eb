"""Parses what virt-what prints: a word a line, the hypervisor and what surrounds it."""

from __future__ import annotations

from envdoctor.model.record import record

_HYPERVISORS = {
    "kvm": "kvm", "qemu": "kvm", "xen": "xen", "xen-domU": "xen", "xen-hvm": "xen", "hyperv": "hyperv", "vmware": "vmware",
    "virtualbox": "virtualbox", "parallels": "parallels", "bhyve": "bhyve", "nutanix_ahv": "nutanix", "ovirt": "kvm",
    "rhev": "kvm", "virtualage": "virtage", "virtage": "virtage", "powervm_lx86": "powervm", "ibm_power-lpar_shared": "powervm",
    "ibm_power-lpar_dedicated": "powervm", "ibm_power-kvm": "kvm", "ibm_systemz-zvm": "zvm", "ibm_systemz-kvm": "kvm",
    "ibm_systemz-lpar": "lpar", "uml": "uml", "vmm": "vmm", "ldoms": "ldoms", "ldoms-guest": "ldoms", "crosvm": "crosvm",
    "apple_virt": "apple", "hcloud": "kvm", "lkvm": "kvm", "virtualpc": "virtualpc", "virt": "unknown kind",
}  # fmt: skip
_CONTAINERS = {
    "docker": "docker", "podman": "podman", "oci": "containerd", "lxc": "lxc", "linux_vserver": "vserver",
    "linux_vserver-guest": "vserver", "openvz": "openvz", "bubblewrap": "bubblewrap", "illumos-lx": "illumos-lx",
    "sandbox": "unknown kind",
}  # fmt: skip
_CLOUDS = {"aws": "aws", "azure": "azure", "google_cloud": "gcp", "alibaba_cloud": "alibaba", "oracle_cloud": "oracle"}
_OWNERS = {"xen-dom0", "linux_vserver-host", "ldoms-control"}
_LESS = {"xen", "ibm_systemz", "aws", "ldoms", "ldoms-io", "ldoms-root"}


@record
class VirtWhat:
    """What surrounds a system; None for what is not there."""

    hypervisor: str | None
    container: str | None
    cloud: str | None


def parse_virt_what(text: str) -> VirtWhat | None:
    """The words; None where one is not virt-what's. Nothing printed means bare metal, as virt-what has it."""
    words = text.split()
    known = {*_HYPERVISORS, *_CONTAINERS, *_CLOUDS, *_OWNERS, *_LESS, "alibaba_cloud-ebm", "ibm_systemz-direct", "redhat"}
    if any(word not in known for word in words):
        return None
    is_owner = any(word in _OWNERS for word in words)
    return VirtWhat(
        hypervisor=None if is_owner else next((_HYPERVISORS[word] for word in words if word in _HYPERVISORS), None),
        container=next((_CONTAINERS[word] for word in words if word in _CONTAINERS), None),
        cloud=next((_CLOUDS[word] for word in words if word in _CLOUDS), None),
    )
