"""The slice of a TPU pod that this machine belongs to.

Sources, in order: the variables that Google's virtual machines and Kubernetes set; /home/tpu-runtime/tpu-env; libtpu.so where
TPU_LIBRARY_PATH says, and where the images of TPU virtual machines have it.
"""

from __future__ import annotations

import re

from envdoctor.model.facts import TpuSlice
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, read_text, variable
from envdoctor.system.port import System

_FILE = "/home/tpu-runtime/tpu-env"
_LIBRARIES = ("/lib/libtpu.so", "/usr/lib/libtpu.so", "/usr/local/lib/libtpu.so")
_LINE = re.compile(r"^([A-Z_]+): '?([^'\n]*?)'?\s*$", re.MULTILINE)


def probe_tpu_slice(system: System) -> TpuSlice:
    """What is known of the slice, on a machine with a TPU."""
    text = read_text(system, _FILE)
    said = dict(_LINE.findall(text)) if isinstance(text, str) else {}
    kind = variable(system, "TPU_ACCELERATOR_TYPE") or said.get("ACCELERATOR_TYPE")
    worker = variable(system, "TPU_WORKER_ID") or variable(system, "CLOUD_TPU_TASK_ID") or said.get("WORKER_ID", "")
    stated = variable(system, "TPU_LIBRARY_PATH")
    return TpuSlice(
        accelerator_type=kind or Unknown("neither TPU_ACCELERATOR_TYPE nor the machine's files tell"),
        topology=variable(system, "TPU_TOPOLOGY") or said.get("TOPOLOGY") or None,
        worker=int(worker) if worker.isdecimal() and len(worker) < 7 else None,
        library=next((path for path in ([stated] if stated else []) + list(_LIBRARIES) if is_there(system, path)), None),
        source="TPU_ACCELERATOR_TYPE" if variable(system, "TPU_ACCELERATOR_TYPE") else _FILE,
    )
