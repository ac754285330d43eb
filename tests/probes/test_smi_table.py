"""Tables of nvidia-smi that no recording holds: those of the drivers 295 and 304, of 2012."""

from __future__ import annotations

from envdoctor.model.facts import EccErrors, Unknown
from envdoctor.probes.smi_table import parse_gpu_rows

MIB = 1 << 20
DRIVER_304 = """
+------------------------------------------------------+
| NVIDIA-SMI 4.304.64   Driver Version: 304.64         |
|-------------------------------+----------------------+----------------------+
| GPU  Name                     | Bus-Id        Disp.  | Volatile Uncorr. ECC |
| Fan  Temp  Perf  Pwr:Usage/Cap| Memory-Usage         | GPU-Util  Compute M. |
|===============================+======================+======================|
|   0  Tesla M2090              | 0000:06:00.0     Off |                    3 |
| N/A   N/A    P0    77W / 225W |   2%  107MB / 5375MB |     97%      Default |
+-------------------------------+----------------------+----------------------+
|   1  GeForce GT 610           | 0000:87:00.0     N/A |                  N/A |
| 40%   47C  N/A     N/A /  N/A |   9%   95MB / 1023MB |     N/A      Default |
+-------------------------------+----------------------+----------------------+
"""
DRIVER_295 = """
+------------------------------------------------------+
| NVIDIA-SMI 3.295.59   Driver Version: 295.59         |
|-------------------------------+----------------------+----------------------+
| Nb.  Name                     | Bus Id        Disp.  | Volatile ECC SB / DB |
| Fan   Temp   Power Usage /Cap | Memory Usage         | GPU Util. Compute M. |
|===============================+======================+======================|
| 0.  Tesla C2070               | 0000:04:00.0  On     |         5          0 |
|  30%   71 C  P0    N/A /  N/A |   6%  348MB / 5375MB |   12%     E. Process |
|-------------------------------+----------------------+----------------------|
| 1.  GeForce GTX 580           | 0000:05:00.0  N/A    |       N/A        N/A |
|  42%   55 C  N/A   N/A /  N/A |   1%   19MB / 1535MB |  N/A      Default    |
|-------------------------------+----------------------+----------------------|
"""


def test_the_table_of_driver_304() -> None:
    tesla, card = parse_gpu_rows(DRIVER_304)
    assert (tesla.index, tesla.name, tesla.pci_address) == (0, "Tesla M2090", "0000:06:00.0")
    assert (tesla.memory_total_bytes, tesla.memory_used_bytes, tesla.utilization_percent) == (5375 * MIB, 107 * MIB, 97)
    assert isinstance(tesla.ecc_volatile, EccErrors)
    assert (tesla.ecc_enabled, tesla.ecc_volatile.uncorrected, tesla.power_limit_watts) == (True, 3, 225.0)
    assert isinstance(tesla.ecc_volatile.corrected, Unknown)
    assert isinstance(tesla.persistence_enabled, Unknown)
    assert (card.index, card.name, card.memory_total_bytes, card.ecc_enabled) == (1, "GeForce GT 610", 1023 * MIB, None)
    assert (card.temperature_celsius, card.compute_mode) == (47, tesla.compute_mode)


def test_the_table_of_driver_295() -> None:
    tesla, card = parse_gpu_rows(DRIVER_295)
    assert (tesla.index, tesla.name, tesla.pci_address, tesla.temperature_celsius) == (0, "Tesla C2070", "0000:04:00.0", 71)
    assert tesla.ecc_volatile == EccErrors(5, 0)
    assert (tesla.memory_total_bytes, tesla.utilization_percent) == (5375 * MIB, 12)
    assert (card.index, card.name, card.memory_used_bytes, card.ecc_enabled) == (1, "GeForce GTX 580", 19 * MIB, None)
    assert isinstance(card.persistence_enabled, Unknown)
