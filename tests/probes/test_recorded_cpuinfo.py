"""Every recorded /proc/cpuinfo: vendor, model, processors, sockets, cores and how many features, as its own words have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.probes.cpuinfo import parse_cpuinfo

Row = tuple[str | None, str | None, int | None, int | None, int | None, int | None]
RECORDED: dict[str, Row] = {
    "facter-cpuinfo": ("GenuineIntel", "Intel(R) Xeon(R) CPU E5-2697 v4 @ 2.30GHz", 4, 1, 4, 80),
    "facter-cpuinfo_powerpc": (None, "POWER8 (raw), altivec supported", 4, None, None, None),
    "facter-cpuinfo_wo_physical_id": ("GenuineIntel", "Intel(R) Xeon(R) CPU E5-2697 v4 @ 2.30GHz", 4, None, None, 80),
    "glpi-esx": ("AuthenticAMD", "Quad-Core AMD Opteron(tm) Processor 2376", 1, None, None, None),
    "glpi-linux-2.6.35-1-core-2-thread": ("GenuineIntel", "Intel(R) Atom(TM) CPU N270 @ 1.60GHz", 2, 1, 1, 43),
    "glpi-linux-686-1": ("GenuineIntel", "Intel(R) Pentium(R) M processor 1.73GHz", 1, None, None, 30),
    "glpi-linux-armel-1": ("Intel", "XScale-80219 rev 0 (v5l)", None, None, None, 4),
    "glpi-linux-armel-3": ("ARM", "ARMv6-compatible processor rev 7 (v6l)", 1, None, None, 8),
    "glpi-linux-mips-1": (None, "R4400SC V5.0 FPU V0.0", 1, None, None, None),
    "glpi-linux-ppc-1": (None, "604r", 1, None, None, None),
    "glpi-linux-ppc-3": (None, "PPC970FX, altivec supported", 2, None, None, None),
    "glpi-linux-raspberry-pi-3-model-b": ("ARM", "Cortex-A53", 4, None, None, 15),
    "glpi-linux-sparc-1": (None, "TI UltraSparc IIIi (Jalapeno)", 2, None, None, None),
    "glpi-oracle-server-6.7-oda": ("GenuineIntel", "Intel(R) Xeon(R) CPU E5-2699 v3 @ 2.30GHz", 16, 2, 8, 83),
    "glpi-rhel-5.6": ("GenuineIntel", "Intel(R) Xeon(R) CPU E5620 @ 2.40GHz", 16, 2, 8, 50),
    "glpi-rhel-6.3-esx-1vcpu": ("GenuineIntel", "Intel(R) Core(TM) i5-2500S CPU @ 2.70GHz", 1, None, None, 56),
    "glpi-toshiba-r630-2-core": ("GenuineIntel", "Intel(R) Core(TM) i3 CPU M 350 @ 2.27GHz", 4, 1, 2, 61),
    "jc-cpuinfo": ("GenuineIntel", "Intel(R) Core(TM) i5-7360U CPU @ 2.30GHz", 1, 1, 1, 59),
    "k2200-510.cpuinfo": ("GenuineIntel", "Intel(R) Xeon(R) CPU E3-1241 v3 @ 3.50GHz", 8, 1, 4, 102),
    "node-exporter-cpuinfo": ("GenuineIntel", "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz", 8, 1, 4, 120),
    "pcp-cpuinfo-1cpu-alpha": (None, "EV56", 1, None, None, None),
    "pcp-cpuinfo-1cpu-powermac": (None, "604", None, None, None, None),
    "pcp-cpuinfo-1cpu-ppc-cPCI405": (None, "405GP", 1, None, None, None),
    "pcp-cpuinfo-1cpu-ppc-pcippc2": ("GESPAC", "750", 1, None, None, None),
    "pcp-cpuinfo-2cpu-umax-s900dp": (None, "604e", 2, None, None, None),
    "pcp-cpuinfo-32cpu-4830": ("GenuineIntel", "Intel(R) Xeon(R) CPU E7- 4830 @ 2.13GHz", 32, 4, 32, 68),
    "pcp-cpuinfo-4cpu-alpha": (None, "EV56", 4, None, None, None),
    "pcp-cpuinfo-4cpu-ia64-linux-2.6.32": ("GenuineIntel", "Dual-Core Intel(R) Itanium(R) Processor 9040", 4, 2, 4, 4),
    "telegraf-intel_powerstat": ("GenuineIntel", "Intel(R) Xeon(R) Platinum 8480+", 4, 1, 4, 173),
    "util-linux-arm-A510-A710-A715-X3.cpuinfo": ("ARM", "Cortex-A510", 8, None, None, 37),
    "util-linux-loongarch-loongson_3a5000_hv.cpuinfo": (None, "Loongson-3A5000-HV", 4, 1, 4, 9),
    "util-linux-ppc-qemu.cpuinfo": (None, "740/750", 1, None, None, None),
    "util-linux-ppc64-POWER7-64cpu.cpuinfo": (None, "POWER7 (architected), altivec supported", 64, None, None, None),
    "util-linux-rv64-linux.cpuinfo": (None, "sifive,u74-mc", 2, None, None, 1),
    "util-linux-rv64-milkvpioneer.cpuinfo": ("0x5b7", None, 64, None, None, 1),
    "util-linux-s390-kvm.cpuinfo": ("IBM/S390", "2817", 3, None, None, 10),
    "util-linux-s390-lpar-drawer.cpuinfo": ("IBM/S390", "2964", 8, None, None, 13),
    "util-linux-s390-nested-virt.cpuinfo": ("IBM/S390", "2964", 2, None, None, 12),
    "util-linux-s390-zvm.cpuinfo": ("IBM/S390", "2817", 4, None, None, 9),
    "util-linux-sparc64.cpuinfo": (None, "TI UltraSparc II (BlackBird)", 6, None, None, None),
    "util-linux-vbox-win.cpuinfo": ("GenuineIntel", "Intel(R) Core(TM) i5-3317U CPU @ 1.70GHz", 2, 1, 2, 33),
    "util-linux-x86_64-64cpu-linux6.2.cpuinfo": ("GenuineIntel", "11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", 8, 1, 4, 147),
    "util-linux-x86_64-64cpu.cpuinfo": ("GenuineIntel", "Intel(R) Xeon(R) CPU X7550 @ 2.00GHz", 64, 4, 32, 63),
    "util-linux-x86_64-epyc_7451.cpuinfo": ("AuthenticAMD", "AMD EPYC 7451 24-Core Processor", 96, 2, 48, 111),
}


def test_every_recording_is_stated_here(shared_folder: Path) -> None:
    assert {path.name for path in (shared_folder / "hardware" / "cpu-cpuinfo").iterdir()} == set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_recordings(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "cpu-cpuinfo" / name).read_text(encoding="utf-8", errors="replace")
    found = parse_cpuinfo(text)
    features = len(found.features) if found.features is not None else None
    assert (found.vendor, found.model, found.threads, found.sockets, found.cores, features) == RECORDED[name]
    words = " ".join(text.split())
    is_decoded = "CPU implementer" in words  # ARM states numbers, which stand for these names
    assert found.model is None or is_decoded or found.model in words
