"""lscpu in other languages."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Cpu, Unknown
from envdoctor.reports.lscpu_words import english_lscpu
from envdoctor.reports.reading import read_report

GERMAN = """\
Architektur:                     x86_64
CPU Operationsmodus:             32-bit, 64-bit
CPU(s):                          32
Liste der Online-CPU(s):         0-31
Thread(s) pro Kern:              2
Kern(e) pro Sockel:              8
Sockel:                          2
NUMA-Knoten:                     2
Anbieterkennung:                 GenuineIntel
Modellname:                      Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz
NUMA-Knoten0 CPU(s):             0-7,16-23
NUMA-Knoten1 CPU(s):             8-15,24-31
Markierungen:                    fpu sse sse2 avx avx2
"""
CHINESE = """\
架构：                           x86_64
CPU:                             32
在线 CPU 列表：                  0-31
每个核的线程数：                 2
每个座的核数：                   8
座：                             2
NUMA 节点：                      2
厂商 ID：                        GenuineIntel
型号名称：                       Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz
NUMA 节点0 CPU：                 0-7,16-23
NUMA 节点1 CPU：                 8-15,24-31
标记：                           fpu sse sse2 avx avx2
"""
FRENCH = """\
Architecture\u00a0:                          x86_64
Processeur(s)\u00a0:                         32
Liste de processeur(s) en ligne\u00a0:       0-31
Thread(s) par cœur\u00a0:                    2
Cœur(s) par socket\u00a0:                    8
Socket(s)\u00a0:                             2
Nœud(s) NUMA\u00a0:                          2
Identifiant constructeur\u00a0:              GenuineIntel
Nom de modèle\u00a0:                         Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz
Nœud NUMA\u00a00 de processeur(s)\u00a0:          0-7,16-23
Nœud NUMA\u00a01 de processeur(s)\u00a0:          8-15,24-31
Drapeaux\u00a0:                              fpu sse sse2 avx avx2
"""
JAPANESE = """\
アーキテクチャ:                  x86_64
CPU:                             32
オンラインになっている CPU のリスト: 0-31
コアあたりのスレッド数:          2
ソケットあたりのコア数:          8
ソケット数:                      2
NUMA ノード数:                   2
ベンダー ID:                     GenuineIntel
モデル名:                        Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz
NUMA ノード 0 CPU:               0-7,16-23
NUMA ノード 1 CPU:               8-15,24-31
フラグ:                          fpu sse sse2 avx avx2
"""
RUSSIAN = """\
Архитектура:                     x86_64
CPU(s):                          32
On-line CPU(s) list:             0-31
Thread(s) per core:              2
Ядер на сокет:                   8
Сокетов:                         2
NUMA node(s):                    2
ID прроизводителя:               GenuineIntel
Имя модели:                      Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz
NUMA node0 CPU(s):               0-7,16-23
NUMA node1 CPU(s):               8-15,24-31
Флаги:                           fpu sse sse2 avx avx2
"""


@pytest.mark.parametrize("text", [GERMAN, CHINESE, FRENCH, JAPANESE, RUSSIAN])
def test_languages(text: str) -> None:
    cpu = read_report("CUDA error\n```\n" + text + "```\n", "pasted")[0].cpu
    assert isinstance(cpu, Cpu)
    assert (cpu.vendor, cpu.model) == ("GenuineIntel", "Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz")
    assert (cpu.sockets, cpu.cores, cpu.threads, cpu.numa_nodes) == (2, 16, 32, 2)
    assert isinstance(cpu.nodes, tuple)
    assert [node.cpus for node in cpu.nodes] == ["0-7,16-23", "8-15,24-31"]
    assert isinstance(cpu.features, frozenset)
    assert "avx2" in cpu.features


def test_other_lines_stay() -> None:
    text = "RuntimeError: CUDA error\n  Sockel:  2\nCPU time: 3 s\n"
    assert english_lscpu(text) == "RuntimeError: CUDA error\n  Socket(s): 2\nCPU time: 3 s"


def test_a_text_without_it() -> None:
    assert isinstance(read_report("我的显卡不能用\n", "pasted")[0].cpu, Unknown)
