"""What stands between programs and AMD's, Intel's and Google's accelerators."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from packaging.version import Version

from envdoctor.model.facts import AmdStack, DeviceFile, Facts, IntelStack, Subject, TpuSlice, Unknown
from envdoctor.probes.accelerators import probe_hardware
from envdoctor.probes.amd_gpus import probe_amd_gpus
from envdoctor.probes.amd_stack import probe_amd_stack
from envdoctor.probes.attached import probe_attached
from envdoctor.probes.collecting import collect_facts
from envdoctor.probes.device_places import probe_place
from envdoctor.probes.interconnect import probe_interconnect
from envdoctor.probes.numa import probe_nodes
from envdoctor.probes.pci import probe_pci
from envdoctor.system.compute_devices import compute_devices
from envdoctor.system.live import Live
from envdoctor.system.port import Missing, Output
from envdoctor.system.recorder import Recorder
from tests.machines import LINUX, Machine, load_tree, trees

PCI = "/sys/bus/pci/devices"
NODES = "/sys/class/kfd/kfd/topology/nodes"
FILES = {"/dev/kfd": {"is_writable": False, "group": "render"}, "/dev/dri/renderD128": {"is_writable": True, "group": "render"}}
NO_NVML = {"driver_version": Missing("NVML", "no library")}


def _uevent(driver: str, code: str, identity: str) -> str:
    return f"DRIVER={driver}\nPCI_CLASS={code}\nPCI_ID={identity}\n"


def _mi300x(hive: int = 0xC0FFEE, count: int = 2, **more: str) -> Machine:
    files = {"/sys/module/amdgpu/version": "6.12.12\n", "/opt/rocm/.info/version": "6.4.0-47\n"}
    for index in range(count):
        address = f"0000:{5 + 32 * index:02x}:00.0"
        location = (5 + 32 * index) << 8
        files |= {
            f"{PCI}/{address}/uevent": _uevent("amdgpu", "120000", "1002:74A1"),
            f"{PCI}/{address}/current_compute_partition": "SPX\n",
            f"{PCI}/{address}/current_memory_partition": "NPS1\n",
            f"{NODES}/{index + 1}/properties": (
                f"simd_count 1216\nsimd_per_cu 4\nvendor_id 4098\ndevice_id 29857\nlocation_id {location}\n"
                f"gfx_target_version 90402\nunique_id {1234 + index}\nhive_id {hive}\n"
            ),
            f"{NODES}/{index + 1}/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 206141652992\n",
        }
    return Machine({**files, **more}, host={"compute_devices": FILES, "uname": LINUX}, nvml=NO_NVML)


def test_amd_from_sysfs() -> None:
    machine = _mi300x()
    _driver, gpus, _devices, interconnect, amd, intel, tpu = probe_hardware(machine)
    assert isinstance(gpus, tuple)
    first = gpus[0]
    assert (first.gfx_target, first.compute_units, first.compute_partition, first.memory_partition) == (
        "gfx942",
        304,
        "SPX",
        "NPS1",
    )
    assert first.uuid == "GPU-00000000000004d2"
    assert first.hive == gpus[1].hive == "0000000000c0ffee"
    assert isinstance(amd, AmdStack)
    assert (amd.is_loaded, amd.version, amd.rocm_version) == (True, "6.12.12", Version("6.4.0"))
    assert amd.device_files == (
        DeviceFile("/dev/dri/renderD128", True, "render"), DeviceFile("/dev/kfd", False, "render"),
    )  # fmt: skip
    assert (intel, tpu) == (None, None)
    assert not isinstance(interconnect, Unknown)


def test_gpus_of_a_hive_are_linked_by_xgmi() -> None:
    ways = {"0": "pci0000:00/0000:00:01.0", "1": "pci0000:20/0000:20:01.0"}
    machine = _mi300x()
    for index, way in ways.items():
        address = f"0000:{5 + 32 * int(index):02x}:00.0"
        machine.links[f"{PCI}/{address}"] = f"../../../devices/{way}/{address}"
    gpus = probe_amd_gpus(_mi300x(), probe_pci(_mi300x()))
    moved = Machine(
        {f"/sys/devices/{way}/0000:{5 + 32 * int(index):02x}:00.0/uevent": _uevent("amdgpu", "120000", "1002:74A1")
         for index, way in ways.items()},
        links={path: target for path, target in machine.links.items() if path.startswith(PCI)},
    )  # fmt: skip
    for hive, expected in (("0000000000c0ffee", ["XGMI"]), (None, ["SYS"])):
        assert isinstance(gpus, tuple)
        from envdoctor.model.record import replace

        own = tuple(replace(gpu, hive=hive) for gpu in gpus)
        found = probe_interconnect(moved, own, probe_pci(moved))
        assert not isinstance(found, Unknown)
        assert isinstance(found.links, tuple)
        paths = [link.path for link in found.links]
        assert paths == expected or (hive is None and paths in (["SYS"], ["NODE"]))


def test_rocm_where_only_a_versioned_folder_is() -> None:
    machine = Machine(
        {"/sys/module/x/y": "", "/opt/rocm-6.2.4/.info/version": "6.2.4-156\n", "/opt/rocm-5.7.1/.info/version": "5.7.1\n"}
    )
    found = probe_amd_stack(machine)
    assert (found.rocm_version, found.is_loaded, found.version) == (Version("6.2.4"), False, None)
    assert isinstance(found.device_files, Unknown)


def test_the_driver_that_comes_with_the_kernel_has_no_version() -> None:
    found = probe_amd_stack(Machine({"/sys/module/amdgpu/refcnt": "1\n"}))
    assert (found.is_loaded, found.version, found.rocm_version) == (True, None, None)


def test_intel() -> None:
    machine = Machine(
        {f"{PCI}/0000:03:00.0/uevent": _uevent("xe", "30000", "8086:E20B"), "/usr/lib/x86_64-linux-gnu/libze_loader.so.1": ""},
        host={"compute_devices": {}, "uname": LINUX}, nvml=NO_NVML,
        commands={"sycl-ls": Output(0, "[level_zero:gpu][level_zero:0] Intel(R) oneAPI Unified Runtime over Level-Zero, "
                                       "Intel(R) Arc(TM) B580 Graphics 20.1.0 [1.6.32567+19]\n", "")},
    )  # fmt: skip
    _driver, gpus, _devices, _interconnect, amd, intel, _tpu = probe_hardware(machine, whole=True)
    assert isinstance(gpus, tuple)
    assert gpus[0].name == "Intel(R) Arc(TM) B580 Graphics"
    assert isinstance(intel, IntelStack)
    assert (intel.kernel_drivers, intel.level_zero_loader) == (("xe",), "/usr/lib/x86_64-linux-gnu/libze_loader.so.1")
    assert isinstance(intel.compute_runtime, Unknown | None)
    assert (intel.device_files, amd) == ((), None)


def test_names_are_given_only_where_level_zero_lists_as_many() -> None:
    machine = Machine({f"{PCI}/0000:03:00.0/uevent": _uevent("xe", "30000", "8086:E20B")}, host={"uname": LINUX}, nvml=NO_NVML,
                      commands={"sycl-ls": Output(0, "", "")})  # fmt: skip
    _driver, gpus, *_ = probe_hardware(machine, whole=True)
    assert isinstance(gpus, tuple)
    assert isinstance(gpus[0].name, Unknown)


def test_a_tpu_slice() -> None:
    machine = Machine(
        {f"{PCI}/0000:00:04.0/uevent": _uevent("vfio-pci", "ff0000", "1AE0:0063"), "/lib/libtpu.so": ""},
        variables={"TPU_ACCELERATOR_TYPE": "v5litepod-8", "TPU_TOPOLOGY": "2x4", "TPU_WORKER_ID": "0"},
        host={"uname": LINUX}, nvml=NO_NVML,
    )  # fmt: skip
    *_, tpu = probe_hardware(machine)
    assert tpu == TpuSlice("v5litepod-8", "2x4", 0, "/lib/libtpu.so", "TPU_ACCELERATOR_TYPE")
    text = "ACCELERATOR_TYPE: 'v3-8'\nWORKER_ID: '1'\n"
    files = {f"{PCI}/0000:00:04.0/uevent": _uevent("", "ff0000", "1AE0:0027"), "/home/tpu-runtime/tpu-env": text}
    *_, older = probe_hardware(Machine(files, host={"uname": LINUX}, nvml=NO_NVML))
    assert isinstance(older, TpuSlice)
    assert (older.accelerator_type, older.worker, older.library) == ("v3-8", 1, None)


def test_device_files_of_this_machine_can_be_asked_and_recorded() -> None:
    found = compute_devices()
    assert all(set(answer) == {"is_writable", "group"} for answer in found.values())
    recorder = Recorder(Live())
    assert recorder.host("compute_devices") == json.loads(json.dumps(found))


KFD = {"kfd-2gpu-vega": (2, {"1002:6860"}), "kfd-8xmi210-xgmi-pcie": (8, {"1002:740f"}), "kfd-mi300-cpx": (63, {"1002:74a1"})}
"""GPU nodes, and their ids."""


@pytest.mark.parametrize("name", KFD)
def test_recorded_kfd_trees_against_their_own_words(name: str, shared_folder: Path) -> None:
    path = shared_folder / "hardware" / "amd-kfd" / f"{name}.tree.json"
    tree = json.loads(path.read_text(encoding="utf-8"))["files"]
    said = [dict(line.split(" ", 1) for line in text.splitlines() if " " in line)
            for name, text in tree.items() if name.count("/") == 2 and name.endswith("/properties")]  # fmt: skip
    stated = [one for one in said if one.get("vendor_id") == "4098" and int(one["simd_count"])]
    gpus = probe_amd_gpus(load_tree(path, at=NODES.rpartition("/")[0]), Unknown("no bus"))
    assert isinstance(gpus, tuple)
    assert len(gpus) == len(stated) == KFD[name][0]
    assert {gpu.pci_id for gpu in gpus} == KFD[name][1]
    assert sorted(gpu.compute_units for gpu in gpus if isinstance(gpu.compute_units, int)) == sorted(
        int(one["simd_count"]) // int(one["simd_per_cu"]) for one in stated
    )
    hives = {one.get("hive_id", "0") for one in stated} - {"0"}
    assert len({gpu.hive for gpu in gpus if isinstance(gpu.hive, str)}) == len(hives)


def test_every_recorded_tree_tells_its_nodes(shared_folder: Path) -> None:
    told = 0
    for path in [*trees(shared_folder, "topology"), *trees(shared_folder, "cpu-tree"), *trees(shared_folder, "meminfo")]:
        machine = load_tree(path)
        nodes = probe_nodes(machine)
        assert isinstance(nodes, tuple), path.name
        names = [name for name in machine.names.get("/sys/devices/system/node", ()) if name[4:].isdecimal()]
        assert [f"node{node.number}" for node in nodes] == sorted(names, key=lambda name: int(name[4:])), path.name
        for node in nodes:
            text = machine.files.get(f"/sys/devices/system/node/node{node.number}/meminfo")
            if isinstance(text, str):
                line = next(line for line in text.splitlines() if "MemTotal" in line)
                assert node.memory_total_bytes == int(line.split()[-2]) << 10, path.name
                told += 1
    assert told > 40


def test_recorded_trees_are_drawn(shared_folder: Path) -> None:
    from envdoctor.render.paint import paint
    from envdoctor.render.topology.text import topology_lines

    for path in trees(shared_folder, "topology"):
        facts = collect_facts(load_tree(path), Subject("recording", path.name), whole=True)
        text = paint(list(topology_lines(facts, 80)), 80, False)
        assert all(len(line) <= 80 for line in text.splitlines()), path.name
        nodes = () if isinstance(facts.cpu, Unknown) or isinstance(facts.cpu.nodes, Unknown) else facts.cpu.nodes
        shown = [node for node in nodes if node.cpus or node.memory_total_bytes]
        assert len(shown) < 2 or all(re.search(rf"NUMA nodes? .*\b{node.number}\b", text) for node in shown), path.name


GENERATIONS = {"2.5": 1, "5.0": 2, "8.0": 3, "16.0": 4, "32.0": 5}


@pytest.mark.parametrize("name", ["gcm-learn_good", "gcm-compute_samsung980pro-downgraded"])
def test_links_of_recorded_nodes(name: str, shared_folder: Path) -> None:
    """Every device's current link, against the recording's own words."""
    said = json.loads((shared_folder / "hardware" / "topology" / f"{name}.json").read_text(encoding="utf-8"))
    links = {path.split("/")[-2:][0]: text for path, text in said.items() if path.endswith("/current_link_speed")}
    machine = Machine({f"{PCI}/{'/'.join(path.split('/')[-2:])}": text for path, text in said.items() if "current_link_" in path})
    assert len(links) > 50
    for address, speed in links.items():
        place = probe_place(machine, "x", "disk", address)
        expected = GENERATIONS[str(float(speed.split()[0]))] if speed[:1].isdigit() else None
        assert place.link_generation == expected, (address, speed)
        width = next(text for path, text in said.items() if path.endswith(f"/{address}/current_link_width"))
        assert place.link_width_lanes == (int(width) if int(width) not in (0, 255) else None), address


def test_the_expected_links_of_a_dgx(shared_folder: Path) -> None:
    said = json.loads((shared_folder / "hardware" / "topology" / "gcm-DGX_A100.json").read_text(encoding="utf-8"))["pci"]
    for address, row in said.items():
        for speed in row["link_speed"]:
            machine = Machine(
                {f"{PCI}/{address}/current_link_speed": speed, f"{PCI}/{address}/current_link_width": row["link_width"]}
            )
            place = probe_place(machine, "x", "gpu", address)
            assert place.link_generation == GENERATIONS[str(float(speed.split()[0]))], address
            assert place.link_width_lanes == int(row["link_width"]), address


def test_adapters_and_disks() -> None:
    files = {
        "/sys/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1/size": "1000215216\n",
        "/sys/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1/device/model": "Samsung SSD 990 PRO\n",
        "/sys/devices/pci0000:00/0000:00:1f.6/net/eno1/speed": "1000\n",
        "/sys/devices/pci0000:00/0000:00:1f.6/net/eno1/device/x": "",
        "/sys/devices/virtual/net/lo/speed": "0\n", "/sys/devices/virtual/block/loop0/size": "8\n",
    }  # fmt: skip
    links = {
        "/sys/block/nvme0n1": "../devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1",
        "/sys/block/loop0": "../devices/virtual/block/loop0", "/sys/class/net/lo": "../../devices/virtual/net/lo",
        "/sys/class/net/eno1": "../../devices/pci0000:00/0000:00:1f.6/net/eno1",
    }  # fmt: skip
    adapter, disk = probe_attached(Machine(files, links=links))
    assert (adapter.name, adapter.kind, adapter.pci_address, adapter.speed_mbit_per_s) == ("eno1", "nic", "0000:00:1f.6", 1000)
    assert (disk.name, disk.pci_address, disk.size_bytes, disk.model) == (
        "nvme0n1", "0000:02:00.0", 1000215216 * 512, "Samsung SSD 990 PRO",
    )  # fmt: skip


def test_this_machine_is_told_the_same_from_its_recording(tmp_path: Path) -> None:
    from envdoctor.system.recorded import load_recording

    if not os.path.isdir("/sys/class/net"):
        pytest.skip("no sysfs here")
    recorder = Recorder(Live())
    subject = Subject("live", "this machine")
    live = collect_facts(recorder, subject, whole=True)
    recorder.save(str(tmp_path / "machine.json"), subject, "2026-01-01")
    again = collect_facts(load_recording(str(tmp_path / "machine.json")), subject, whole=True)
    parts = ("cloud", "amd", "intel", "tpu", "interconnect")
    assert {part: getattr(live, part) for part in parts} == {part: getattr(again, part) for part in parts}
    assert isinstance(live, Facts)
