"""Every recorded output of lscpu: machine, sockets, cores, processors, NUMA nodes and hypervisor, as its own words have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.facts import Cpu, Unknown
from envdoctor.probes.lscpu import parse_lscpu
from envdoctor.reports.reading import read_report

ROWS: dict[str, tuple[str, int, int, int, int | None, str | None]] = {
    "amd-a10-7850k-radeon-r7-12-compute-cores-4c-8g.txt": ("x86_64", 1, 2, 4, 1, None),
    "amd-athlon-64-x2-dual-core-4200.txt": ("x86_64", 1, 2, 2, 1, None),
    "amd-epyc-7601-32-core.txt": ("x86_64", 2, 64, 128, 8, None),
    "amd-epyc-7742-64-core.txt": ("x86_64", 2, 128, 256, 8, None),
    "amd-fx-8350-eight-core.txt": ("x86_64", 1, 4, 8, 1, None),
    "amd-opteron-6238.txt": ("x86_64", 4, 24, 48, 8, None),
    "amd-phenom-ii-x6-1090t.txt": ("x86_64", 1, 6, 6, 1, None),
    "amd-ryzen-7-1700x-eight-core.txt": ("x86_64", 1, 8, 16, 1, None),
    "amd-ryzen-9-5950x-16-core.txt": ("x86_64", 1, 16, 32, 1, None),
    "amd-ryzen-threadripper-3990x-64-core.txt": ("x86_64", 1, 64, 128, 1, None),
    "amd-ryzen-threadripper-pro-3995wx-64-cores.txt": ("x86_64", 1, 64, 128, 1, None),
    "arm-arm1176.txt": ("armv6l", 1, 1, 1, None, None),
    "arm-cortex-a57.txt": ("aarch64", 1, 4, 4, 1, None),
    "arm-cortex-a72.txt": ("aarch64", 1, 4, 4, 1, None),
    "azure-xeon-8573c-amx.txt": ("x86_64", 1, 1, 2, 1, "hyperv"),
    "hisilicon-kunpeng-920.txt": ("aarch64", 2, 96, 96, 4, None),
    "intel-atom-c3558.txt": ("x86_64", 1, 4, 4, 1, None),
    "intel-atom-d525.txt": ("x86_64", 1, 2, 4, 1, None),
    "intel-celeron-j4105.txt": ("x86_64", 1, 4, 4, 1, None),
    "intel-celeron-n4000c.txt": ("x86_64", 1, 2, 2, 1, None),
    "intel-core-i5-2500k.txt": ("x86_64", 1, 4, 4, 1, None),
    "intel-core-i7-1165g7.txt": ("x86_64", 1, 4, 8, 1, None),
    "intel-core-i7-920.txt": ("x86_64", 1, 4, 8, 1, None),
    "intel-core-i9-10900k.txt": ("x86_64", 1, 10, 20, 1, None),
    "intel-core2-quad-q6600.txt": ("x86_64", 1, 4, 4, 1, None),
    "intel-mobile-intel-pentium-4-m.txt": ("i686", 1, 1, 1, None, None),
    "intel-pentium-g4560t.txt": ("x86_64", 1, 2, 4, 1, None),
    "intel-xeon-e5-2690-v2.txt": ("x86_64", 2, 20, 2, 2, None),
    "intel-xeon-e5620.txt": ("x86_64", 2, 8, 8, 1, None),
    "intel-xeon-gold-5218.txt": ("x86_64", 2, 32, 64, 2, None),
    "intel-xeon-phi-7250.txt": ("x86_64", 1, 68, 272, 1, None),
    "intel-xeon-platinum-8280.txt": ("x86_64", 2, 56, 112, 2, None),
    "intel-xeon-w-3223.txt": ("x86_64", 1, 8, 16, 1, None),
    "issue-amd-epyc-7282-16-core-processor.txt": ("x86_64", 1, 16, 32, 1, None),
    "issue-amd-epyc-73f3-16-core-processor.txt": ("x86_64", 2, 32, 32, 2, None),
    "issue-amd-epyc-7742-64-core-processor.txt": ("x86_64", 2, 128, 128, 8, None),
    "issue-amd-epyc-7763-64-core-processor.txt": ("x86_64", 1, 64, 128, 1, None),
    "issue-amd-epyc-7a53-64-core-processor.txt": ("x86_64", 1, 64, 128, 4, None),
    "issue-amd-epyc-7k62-48-core-processor.txt": ("x86_64", 2, 96, 192, 2, None),
    "issue-amd-epyc-7r32.txt": ("x86_64", 1, 24, 48, 1, "kvm"),
    "issue-amd-epyc-7v13-64-core-processor.txt": ("x86_64", 2, 96, 96, 4, "hyperv"),
    "issue-amd-epyc-9654-96-core-processor.txt": ("x86_64", 44, 44, 44, 1, "kvm"),
    "issue-amd-epyc-9b14.txt": ("x86_64", 1, 22, 44, 1, "kvm"),
    "issue-amd-ryzen-7-5800h-with-radeon-graphics.txt": ("x86_64", 1, 8, 16, None, "hyperv"),
    "issue-amd-ryzen-9-7950x-16-core-processor.txt": ("x86_64", 1, 16, 32, 1, None),
    "issue-amd-ryzen-threadripper-pro-3955wx-16-cores.txt": ("x86_64", 1, 16, 32, 1, None),
    "issue-intel-r-xeon-r-6710e.txt": ("x86_64", 2, 128, 128, 3, None),
    "issue-intel-r-xeon-r-cpu-2-20ghz.txt": ("x86_64", 1, 6, 12, 1, "kvm"),
    "issue-intel-r-xeon-r-cpu-e5-2683-v4-2-10ghz.txt": ("x86_64", 2, 32, 64, 2, None),
    "issue-intel-r-xeon-r-cpu-e5-2690-v4-2-60ghz.txt": ("x86_64", 1, 48, 48, 1, "kvm"),
    "issue-intel-r-xeon-r-gold-6271c-cpu-2-60ghz.txt": ("x86_64", 2, 48, 48, 2, None),
    "issue-intel-r-xeon-r-gold-6330-cpu-2-00ghz.txt": ("x86_64", 2, 56, 112, 2, None),
    "issue-intel-r-xeon-r-gold-6338-cpu-2-00ghz.txt": ("x86_64", 2, 64, 128, 2, None),
    "issue-intel-r-xeon-r-gold-6348-cpu-2-60ghz.txt": ("x86_64", 2, 56, 112, 2, None),
    "issue-intel-r-xeon-r-gold-6448y.txt": ("x86_64", 2, 64, 128, 2, None),
    "issue-intel-r-xeon-r-gold-6462c.txt": ("x86_64", 2, 64, 128, 2, None),
    "issue-intel-r-xeon-r-platinum-8336c-cpu-2-30ghz.txt": ("x86_64", 2, 64, 128, 2, None),
    "issue-intel-r-xeon-r-platinum-8369b-cpu-2-90ghz.txt": ("x86_64", 1, 4, 8, 1, "kvm"),
    "issue-intel-r-xeon-r-platinum-8383c-cpu-2-70ghz.txt": ("x86_64", 2, 80, 160, 2, None),
    "issue-intel-r-xeon-r-platinum-8452y.txt": ("x86_64", 2, 72, 72, 2, None),
    "issue-intel-r-xeon-r-platinum-8457c.txt": ("x86_64", 2, 96, 192, 2, None),
    "issue-intel-r-xeon-r-platinum-8458p.txt": ("x86_64", 2, 88, 176, 2, None),
    "issue-intel-r-xeon-r-platinum-8462y.txt": ("x86_64", 2, 64, 128, 2, None),
    "issue-intel-r-xeon-r-platinum-8468v.txt": ("x86_64", 2, 96, 192, 2, None),
    "issue-intel-r-xeon-r-platinum-8470.txt": ("x86_64", 2, 104, 104, 2, None),
    "issue-intel-r-xeon-r-platinum-8480.txt": ("x86_64", 2, 112, 224, 2, None),
    "issue-intel-r-xeon-r-platinum-8481c-cpu-2-70ghz.txt": ("x86_64", 2, 104, 208, 2, "kvm"),
    "issue-intel-r-xeon-r-platinum-8558.txt": ("x86_64", 2, 96, 192, 2, None),
    "issue-intel-r-xeon-r-silver-4216-cpu-2-10ghz.txt": ("x86_64", 2, 32, 64, 2, None),
    "issue-intel-r-xeon-r-silver-4316-cpu-2-30ghz.txt": ("x86_64", 2, 40, 80, 2, None),
    "issue-intel-r-xeon-r-silver-4410y.txt": ("x86_64", 2, 24, 48, 2, None),
    "issue-intel-xeon-processor-icelake.txt": ("x86_64", 2, 40, 80, 2, "kvm"),
    "issue-power10-architected-altivec-supported.txt": ("ppc64le", 4, 40, 320, 4, "powervm"),
    "nvidia-grace-neoverse-v2.txt": ("aarch64", 1, 72, 72, 9, None),
    "qualcomm-kryo-v2.txt": ("armv8l", 2, 8, 8, None, None),
    "via-eden-x2-u4200.txt": ("x86_64", 1, 2, 2, 1, None),
}
"""Cores are Socket(s) times Core(s) per socket; processors are those on line, of which one machine has but two of 40."""
FILES = {f"cpu-lscpu/{name}" for name in ROWS}


def _told(value: Any) -> Any:
    return None if isinstance(value, Unknown) else value


@pytest.mark.parametrize("name", ROWS)
def test_recordings(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "cpu-lscpu" / name).read_text(encoding="utf-8")
    found = parse_lscpu(text)
    assert found is not None
    cpu = found.cpu
    counts = (found.machine, cpu.sockets, cpu.cores, cpu.threads, _told(cpu.numa_nodes), found.virtual_machine)
    assert counts == ROWS[name]
    pasted, _lines = read_report(f"I have this machine:\n\n```\n{text}```\n", name)
    assert isinstance(pasted.cpu, Cpu)
    assert (pasted.cpu.model, pasted.cpu.cores, pasted.cpu.threads) == (cpu.model, cpu.cores, cpu.threads)
