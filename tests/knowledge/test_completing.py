"""What a PCI id or a name tells of a GPU that does not tell it itself."""

from __future__ import annotations

import pytest

from envdoctor.knowledge.completing import complete_facts
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Gpu, Subject, Unknown

UNSEEN = Unknown("only NVML tells")


def gpu(**changes: object) -> Gpu:
    return Gpu(**{"vendor": "nvidia", "index": 0, "name": UNSEEN, "compute_capability": UNSEEN, "source": "PCI bus", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "name", "capability"),
    [
        (gpu(pci_id="10de:2330"), "H100 SXM5 80GB", (9, 0)),
        (gpu(pci_id="10de:20b2", name="NVIDIA A100-SXM4-80GB"), "NVIDIA A100-SXM4-80GB", (8, 0)),
        (gpu(name="NVIDIA GeForce RTX 3090"), "NVIDIA GeForce RTX 3090", (8, 6)),
        (gpu(name="TITAN X"), "TITAN X", UNSEEN),
        (gpu(pci_id="10de:ffff"), UNSEEN, UNSEEN),
        (gpu(), UNSEEN, UNSEEN),
        (gpu(name="NVIDIA GeForce RTX 3090", compute_capability=(8, 9)), "NVIDIA GeForce RTX 3090", (8, 9)),
        (gpu(vendor="amd", pci_id="10de:2330"), UNSEEN, UNSEEN),
    ],
)
def test_what_is_learned(knowledge: Knowledge, before: Gpu, name: object, capability: object) -> None:
    facts = complete_facts(Facts(Subject("live", "here"), gpus=(before,)), knowledge)
    assert isinstance(facts.gpus, tuple)
    (after,) = facts.gpus
    assert after.compute_capability == capability
    assert (after.name == name) or (isinstance(name, str) and isinstance(after.name, str) and "H100" in after.name)
    assert ("knowledge base" in after.source) is (after != before)


def test_unknown_gpus_stay_unknown(knowledge: Knowledge) -> None:
    facts = Facts(Subject("live", "here"), gpus=UNSEEN)
    assert complete_facts(facts, knowledge) is facts
