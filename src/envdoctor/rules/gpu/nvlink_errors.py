"""The rule nvlink-errors."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import numbered, several
from envdoctor.rules.wording import shown


@rule(Severity.WARNING)
def nvlink_errors(case: Case) -> Iterator[Finding]:
    """NVLinks of a GPU made errors.

    What it checks
        The counters of each NVLink: links that were lost and trained again, and packets that were sent again.

    Why it matters
        Replays cost time; a link that is lost and trained again stops collective operations for a moment or for good.

    How to fix
        Reset the counters and watch them under load; reseat bridges, or have the board checked where they grow.

    References
        https://docs.nvidia.com/deploy/nvml-api/group__NvLink.html
    """
    of_this_machine(case, "gpus")
    yield from apart(several(nvidia_gpus(case)), _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    links = need(gpu.nvlinks)
    if not links:
        raise skip("this GPU has no NVLinks")
    if all(isinstance(count, Unknown) for link in links for count in (link.recoveries, link.replays)):
        need(links[0].recoveries)
    lost = [link for link in links if _counted(link.recoveries)]
    resent = [link for link in links if _counted(link.replays)]
    if not lost and not resent:
        return
    told = [f"link {link.index}: {shown(link.recoveries)} recoveries, {shown(link.replays)} replays, "
            f"{shown(link.crc_errors)} checksum errors" for link in dict.fromkeys((*lost, *resent))]  # fmt: skip
    yield Finding(
        title=f"NVLinks of {numbered(gpu)} {'were lost and trained again' if lost else 'sent packets again'}",
        detail=f"{'; '.join(told)}. None is wanted. Programs on several GPUs may be slowed down or stopped.",
        evidence=(evidence(f"gpus[{gpu.index}].nvlinks", "; ".join(told), gpu.source),),
        fixes=(
            Fix(
                "Watch the counters under load",
                commands=(("nvidia-smi", "nvlink", "-e"), ("sudo", "nvidia-smi", "nvlink", "-re")),
                text="Where they grow again, reseat the bridges or have the board checked.",
            ),
        ),
        severity=Severity.WARNING if lost else Severity.INFO,
    )


def _counted(count: int | Unknown | None) -> int:
    return count if isinstance(count, int) else 0
