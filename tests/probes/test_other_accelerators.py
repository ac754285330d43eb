"""The PCI bus; AMD, Intel and Apple GPUs; TPUs and their like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Gpu, NvmlFailure, Unknown
from envdoctor.probes.accelerators import join_gpus, probe_accelerators
from envdoctor.probes.amd_gpus import gfx_target, pci_address, probe_amd_gpus
from envdoctor.probes.apple_gpus import parse_displays
from envdoctor.probes.intel_gpus import probe_intel_gpus
from envdoctor.probes.pci import PciDevice, parse_uevent, probe_pci
from envdoctor.probes.tpu import probe_devices
from envdoctor.system.port import Denied, Missing, Output
from tests.machines import LINUX, Machine, load_tree

DEVICES = "/sys/bus/pci/devices"
NODES = "/sys/class/kfd/kfd/topology/nodes"
NO_BUS = Unknown("no bus")


def _uevent(driver: str, code: str, identity: str) -> str:
    return f"DRIVER={driver}\nPCI_CLASS={code}\nPCI_ID={identity}\nPCI_SLOT_NAME=0000:00:00.0\n"


def _known(answer: tuple[Gpu, ...] | Unknown) -> tuple[Gpu, ...]:
    assert isinstance(answer, tuple)
    return answer


def test_the_bus_by_uevent_and_by_single_files() -> None:
    machine = Machine(
        {
            f"{DEVICES}/0000:03:00.0/uevent": _uevent("amdgpu", "30000", "1002:744C"),
            f"{DEVICES}/0000:04:00.0/vendor": "0x10de\n",
            f"{DEVICES}/0000:04:00.0/device": "0x2330\n",
            f"{DEVICES}/0000:04:00.0/class": "0x030200\n",
            f"{DEVICES}/0000:05:00.0/vendor": "0x10de\n",
        },
        links={f"{DEVICES}/0000:04:00.0/driver": "../../../bus/pci/drivers/vfio-pci"},
    )
    assert probe_pci(machine) == (
        PciDevice("0000:03:00.0", "1002", "744c", 3, "amdgpu"),
        PciDevice("0000:04:00.0", "10de", "2330", 3, "vfio-pci", 2),
    )


def test_no_bus_and_no_sysfs() -> None:
    assert probe_pci(Machine({"/sys/bus/cpu/uevent": ""})) == ()
    assert isinstance(probe_pci(Machine({})), Unknown)


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="PCI_CLASSID=:0123456789abcdef\nDRIVER", max_size=80))
def test_any_uevent_is_read_without_failure(text: str) -> None:
    assert parse_uevent(text) is None or len(parse_uevent(text) or ()) == 4


@pytest.mark.parametrize(
    ("version", "target"),
    [
        (90402, "gfx942"),
        (90010, "gfx90a"),
        (110000, "gfx1100"),
        (100300, "gfx1030"),
        (90006, "gfx906"),
        (120001, "gfx1201"),
        (0, None),
    ],
)
def test_gfx_targets(version: int, target: str | None) -> None:
    assert gfx_target(version) == target


def test_pci_addresses_of_kfd() -> None:
    assert pci_address({"domain": 0, "location_id": 25344}) == "0000:63:00.0"
    assert pci_address({"domain": 2, "location_id": 0x0819}) == "0002:08:03.1"
    assert pci_address({}) is None


def test_an_amd_gpu() -> None:
    machine = Machine(
        {
            f"{NODES}/0/properties": "cpu_cores_count 64\nsimd_count 0\nvendor_id 0\n",
            f"{NODES}/1/properties": "simd_count 4\nvendor_id 4098\ndevice_id 29856\nlocation_id 768\ngfx_target_version 90402\n",
            f"{NODES}/1/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 206141652992\n",
            f"{DEVICES}/0000:03:00.0/uevent": _uevent("amdgpu", "120000", "1002:74A0"),
            f"{DEVICES}/0000:03:00.0/product_name": "AMD Instinct MI300X\n",
            f"{DEVICES}/0000:03:00.0/mem_info_vram_used": "4096\n",
        }
    )
    (gpu,) = _known(probe_amd_gpus(machine, probe_pci(machine)))
    assert (gpu.name, gpu.gfx_target, gpu.pci_address, gpu.pci_id) == (
        "AMD Instinct MI300X",
        "gfx942",
        "0000:03:00.0",
        "1002:74a0",
    )
    assert (gpu.memory_total_bytes, gpu.memory_used_bytes, gpu.kernel_driver) == (206141652992, 4096, "amdgpu")


def test_an_amd_gpu_that_rocm_does_not_drive() -> None:
    machine = Machine({f"{DEVICES}/0000:03:00.0/uevent": _uevent("vfio-pci", "30000", "1002:67DF")})
    (gpu,) = _known(probe_amd_gpus(machine, probe_pci(machine)))
    assert (gpu.pci_id, gpu.kernel_driver) == ("1002:67df", "vfio-pci")
    assert isinstance(gpu.gfx_target, Unknown)
    assert isinstance(gpu.name, Unknown)


def test_amd_where_nothing_can_be_seen() -> None:
    assert probe_amd_gpus(Machine({}), NO_BUS) == NO_BUS


def test_intel_gpus() -> None:
    machine = Machine(
        {
            f"{DEVICES}/0000:00:02.0/uevent": _uevent("i915", "30000", "8086:A780"),
            f"{DEVICES}/0000:03:00.0/uevent": _uevent("i915", "30000", "8086:56A0"),
            f"{DEVICES}/0000:03:00.0/drm/card1/lmem_total_bytes": "16225243136\n",
            f"{DEVICES}/0000:00:1f.0/uevent": _uevent("", "60100", "8086:7A04"),
        }
    )
    built_in, card = _known(probe_intel_gpus(machine, probe_pci(machine)))
    assert (built_in.pci_id, built_in.memory_total_bytes) == ("8086:a780", None)
    assert (card.pci_id, card.memory_total_bytes, card.kernel_driver) == ("8086:56a0", 16225243136, "i915")
    assert probe_intel_gpus(machine, NO_BUS) == NO_BUS


APPLE = {"SPDisplaysDataType": [{"sppci_model": "Apple M3 Max", "spdisplays_vendor": "sppci_vendor_Apple", "sppci_cores": "40"}]}
INTEL_MAC = {
    "SPDisplaysDataType": [
        {"sppci_model": "Intel UHD Graphics 630", "spdisplays_vendor": "Intel", "spdisplays_vram_shared": "1536 MB"},
        {"sppci_model": "AMD Radeon Pro 5500M", "spdisplays_vendor": "sppci_vendor_amd", "spdisplays_vram": "8 GB"},
    ]
}


def test_apple_gpus() -> None:
    (gpu,) = _known(parse_displays(json.dumps(APPLE), 64 << 30))
    assert (gpu.vendor, gpu.name, gpu.memory_total_bytes) == ("apple", "Apple M3 Max", 64 << 30)
    built_in, card = _known(parse_displays(json.dumps(INTEL_MAC), 16 << 30))
    assert (built_in.vendor, built_in.memory_total_bytes) == ("intel", None)
    assert (card.vendor, card.memory_total_bytes) == ("amd", 8 << 30)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"SPDisplaysDataType": [1]}', '{"SPDisplaysDataType": 3}'])
def test_what_system_profiler_never_prints(text: str) -> None:
    assert isinstance(parse_displays(text, 0), Unknown)


def test_a_mac_as_a_whole() -> None:
    machine = Machine(
        host={"uname": {**LINUX, "system": "Darwin"}, "memory": {"total_bytes": 64 << 30}},
        commands={"system_profiler SPDisplaysDataType -json": Output(0, json.dumps(APPLE), "")},
        nvml={"driver_version": Missing("NVML", "no library", NvmlFailure.LIBRARY_ABSENT)},
    )
    driver, gpus, _ = probe_accelerators(machine)
    assert driver is None
    assert [gpu.vendor for gpu in _known(gpus)] == ["apple"]


def test_one_vendor_s_gpus_stand_whatever_another_s_are() -> None:
    gpu = Gpu("amd", 0, "x")
    assert join_gpus((gpu,), NO_BUS) == (gpu,)
    assert join_gpus((), NO_BUS) == NO_BUS
    assert join_gpus((), ()) == ()


def test_tpus() -> None:
    machine = Machine({f"{DEVICES}/0000:00:04.0/uevent": _uevent("vfio-pci", "ff0000", "1AE0:0063")})
    found = probe_devices(machine, probe_pci(machine))
    assert isinstance(found, tuple)
    assert [(device.vendor, device.name) for device in found] == [("google", "TPU v5e")]


def test_tpus_by_their_device_files() -> None:
    machine = Machine({}, devices={"/dev/accel0": "1:1", "/dev/accel1": "1:2"}, variables={"TPU_ACCELERATOR_TYPE": "v4-8"})
    found = probe_devices(machine, NO_BUS)
    assert isinstance(found, tuple)
    assert [(device.name, device.path) for device in found] == [("TPU v4-8", "/dev/accel0"), ("TPU v4-8", "/dev/accel1")]


def test_other_devices_of_that_name_are_no_tpus() -> None:
    assert probe_devices(Machine({}, devices={"/dev/accel0": "1:1"}), NO_BUS) == ()


def test_gaudi_and_npus() -> None:
    machine = Machine(
        {f"{DEVICES}/0000:33:00.0/uevent": _uevent("habanalabs", "120000", "1DA3:1060"), "/sys/class/accel/accel0/dev": "261:0"},
        links={"/sys/class/accel/accel0/device/driver": "../../bus/pci/drivers/intel_vpu"},
    )
    found = probe_devices(machine, probe_pci(machine))
    assert isinstance(found, tuple)
    assert [(device.vendor, device.name) for device in found] == [("habana", "Gaudi 3"), ("intel", "NPU")]


def test_devices_where_nothing_can_be_seen() -> None:
    assert isinstance(probe_devices(Machine({"/dev": Denied("/dev", "no permission")}), NO_BUS), Unknown)


def _kfd(shared: Path, name: str) -> tuple[Gpu, ...]:
    machine = load_tree(shared / "hardware" / "amd-kfd" / f"{name}.tree.json", at=NODES.rpartition("/")[0])
    return _known(probe_amd_gpus(machine, NO_BUS))


def test_recorded_kfd_nodes(shared_folder: Path) -> None:
    vega = _kfd(shared_folder, "kfd-2gpu-vega")
    assert {gpu.pci_id for gpu in vega} == {"1002:6860"}
    assert all(isinstance(gpu.gfx_target, Unknown) for gpu in vega)
    mi210 = _kfd(shared_folder, "kfd-8xmi210-xgmi-pcie")
    assert [gpu.gfx_target for gpu in mi210] == ["gfx90a"] * 8
    assert len({gpu.pci_address for gpu in mi210}) == 8
    mi300 = _kfd(shared_folder, "kfd-mi300-cpx")
    assert len(mi300) == 63
    assert {gpu.gfx_target for gpu in mi300} == {"gfx942"}


def test_a_recorded_bus(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "topology"
    machine = load_tree(folder / "ghw-linux-amd64-accel-nvidia.tree.json")
    devices = probe_pci(machine)
    assert isinstance(devices, tuple)
    assert [(device.id, device.driver) for device in devices if device.vendor == "10de"] == [("10de:15f8", "nvidia")]
