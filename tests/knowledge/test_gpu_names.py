"""Names of GPUs as people write them."""

from __future__ import annotations

import pytest

from envdoctor.knowledge.gpu_names import gpu_key
from envdoctor.knowledge.gpus import find_gpus
from envdoctor.knowledge.loading import Knowledge

SPELLED = [
    ("RTX4090", "GeForce RTX 4090"),
    ("GTX1080Ti", "GeForce GTX 1080 Ti"),
    ("1080ti", "GeForce GTX 1080 Ti"),
    ("1660", "GeForce GTX 1660"),
    ("4070Ti", "GeForce RTX 4070 Ti"),
    ("RTX4070TiSuper", "GeForce RTX 4070 Ti SUPER"),
    ("RTX 5090D", "GeForce RTX 5090 D"),
    ("GeForceRTX3090", "GeForce RTX 3090"),
    ("GTX960M", "GeForce GTX 960M"),
    ("QuadroRTX8000", "Quadro RTX 8000"),
    ("RTXA6000", "RTX A6000"),
    ("TeslaP100", "Tesla P100"),
    ("TITANXp", "TITAN Xp"),
    ("TitanRTX", "TITAN RTX"),
    ("RX6700XT", "AMD Radeon RX 6700 XT"),
]


@pytest.mark.parametrize(("written", "name"), SPELLED)
def test_a_name_without_its_spaces_is_found(knowledge: Knowledge, written: str, name: str) -> None:
    assert [model.name for model in find_gpus(knowledge, written)] == [name]


@pytest.mark.parametrize("name", [name for _, name in SPELLED])
def test_names_with_spaces_keep_them(name: str) -> None:
    assert gpu_key(gpu_key(name)) == gpu_key(name)
    assert "gt x" not in gpu_key(name)
