"""What Windows says of video controllers: by wmic, by PowerShell, by DxDiag."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Gpu, NvidiaDriver, Unknown
from envdoctor.reports.reading import read_report

LIST = """C:\\>wmic path Win32_VideoController get /format:list

AdapterCompatibility=NVIDIA
AdapterRAM=4293918720
DriverDate=20220506000000.000000-000
DriverVersion=30.0.15.1277
Name=NVIDIA GeForce RTX 3080

AdapterCompatibility=Intel Corporation
DriverVersion=20.19.15.4531
Name=Intel(R) HD Graphics 530
"""
TABLE = """C:\\>wmic path win32_VideoController get name,AdapterRAM,DriverVersion
AdapterRAM  DriverVersion   Name
1073741824  20.19.15.4531   Intel(R) HD Graphics 530
4293918720  32.0.15.6094    NVIDIA GeForce RTX 4070 Laptop GPU
"""
SPACED = TABLE.replace("\n", "\n\n")
CIM = """PS C:\\> Get-CimInstance Win32_VideoController | fl Name, DriverVersion

Name          : Quadro T1000
DriverVersion : 27.21.14.6259
"""
DXDIAG = """
---------------
Display Devices
---------------
           Card name: NVIDIA GeForce GTX 1650
        Manufacturer: NVIDIA
 Driver File Version: 31.00.0015.3619 (English)
      Driver Version: 31.0.15.3619
         DDI Version: 12

           Card name: Intel(R) HD Graphics 530
      Driver Version: 20.19.15.4531
"""
INTEL = "Card name: Intel(R) UHD Graphics 620\nDriver Version: 20.19.15.4531\n"
NAMES = "C:\\>wmic path win32_VideoController get name\nName\nIntel(R) HD Graphics 530\nNVIDIA GeForce RTX 4070 Laptop GPU\n"


@pytest.mark.parametrize(
    ("text", "driver", "name"),
    [
        (LIST, "512.77", "NVIDIA GeForce RTX 3080"),
        (TABLE, "560.94", "NVIDIA GeForce RTX 4070 Laptop GPU"),
        (SPACED, "560.94", "NVIDIA GeForce RTX 4070 Laptop GPU"),
        (CIM, "462.59", "Quadro T1000"),
        (DXDIAG, "536.19", "NVIDIA GeForce GTX 1650"),
    ],
    ids=["list", "table", "spaced table", "PowerShell", "DxDiag"],
)
def test_nvidias_number_is_in_that_of_windows(text: str, driver: str, name: str) -> None:
    facts = read_report(text, "x")[0]
    assert isinstance(facts.driver, NvidiaDriver)
    assert str(facts.driver.version) == driver
    assert isinstance(facts.gpus, tuple)
    assert [gpu.name for gpu in facts.gpus if gpu.vendor == "nvidia"] == [name]


@pytest.mark.parametrize("text", [INTEL, NAMES, "DriverVersion\n31.0.15.3619\n", "NVIDIA GeForce GTX 1650 is at 31.0.15.3619"])
def test_a_number_of_another_maker_or_of_nothing_is_no_driver(text: str) -> None:
    assert isinstance(read_report(text, "x")[0].driver, Unknown)


@pytest.mark.parametrize("text", ["an RTX 3070 Laptop GPU", "GPU: GeForce GTX 1660 Ti Mobile", "my 4090 GPU"])
def test_a_laptops_gpu_is_one(text: str) -> None:
    gpus = read_report(text, "x")[0].gpus
    assert isinstance(gpus, tuple)
    assert [type(gpu) for gpu in gpus] == [Gpu]
