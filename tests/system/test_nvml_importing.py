"""pynvml comes without ctypes.util, which is the real one for everybody else."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from envdoctor.system.nvml_importing import import_pynvml
pynvml = import_pynvml()
assert pynvml is import_pynvml() is sys.modules["pynvml"]
assert {first}
assert pynvml.find_library("no-such-library-here") is None
import ctypes, ctypes.util
assert ctypes.util.__file__.endswith("util.py")
assert ctypes.util.find_library.__module__ == "ctypes.util"
"""


def python(code: str) -> None:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_what_it_does_not_use_is_not_brought() -> None:
    python(SCRIPT.format(first='"ctypes.util" not in sys.modules and "tempfile" not in sys.modules'))


def test_where_ctypes_util_is_there_it_stays() -> None:
    python("import ctypes.util\n" + SCRIPT.format(first='sys.modules["ctypes.util"] is ctypes.util'))
