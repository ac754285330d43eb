"""The rule tf-no-gpu-windows."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import framework, nvidia_gpus
from envdoctor.rules.declaring import evidence, rule

LAST = Version("2.10.1")
"""The last release with a GPU build for Windows (https://www.tensorflow.org/install/pip)."""
WSL = Fix(
    "Run TensorFlow inside WSL 2",
    commands=(("wsl", "--install"),),
    text="Then, in the Linux distribution: envdoctor install tensorflow-cuda. The driver of Windows serves WSL.",
)


@rule(Severity.ERROR)
def tf_no_gpu_windows(case: Case) -> Iterator[Finding]:
    """TensorFlow after 2.10 has no GPU build for Windows.

    What it checks
        TensorFlow 2.11 or newer on native Windows with an NVIDIA GPU.

    Why it matters
        Its Windows wheels are CPU-only; tf.config.list_physical_devices("GPU") is empty whatever CUDA is installed.

    How to fix
        Run TensorFlow inside WSL 2. (2.10 on Windows needs Python 3.10 or older and CUDA 11.2.)

    References
        https://www.tensorflow.org/install/pip
    """
    if need(need(case.facts.os).system) != "windows":
        raise skip("this is about Windows")
    tensorflow = framework(case, "tensorflow")
    version = need(tensorflow.version)
    if version <= LAST:
        return
    gpus = nvidia_gpus(case)
    yield Finding(
        title=f"TensorFlow {version} cannot use the GPU on Windows",
        detail=f"TensorFlow {version} is installed; {LAST} was the last with a GPU build for Windows. It runs on the CPU only.",
        evidence=(
            evidence("frameworks[tensorflow].version", version, tensorflow.source),
            evidence("gpus[0].name", gpus[0].name, gpus[0].source),
        ),
        fixes=(WSL,),
    )
