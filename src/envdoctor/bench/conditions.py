"""What slows a machine down beside its parts: battery, governor, quota, other load. Asked through the System port."""

from __future__ import annotations

from envdoctor.model.facts import Facts
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown, known
from envdoctor.system.port import SourceError, System

SUPPLIES = "/sys/class/power_supply"
LOAD = "/proc/loadavg"
_SLOW_GOVERNORS = frozenset({"powersave", "conservative"})
_BUSY_SHARE = 0.3


@record
class Conditions:
    """What was so while it was measured; None where it could not be told."""

    on_battery: bool | None
    governor: str | None
    quota_cores: float | None
    load: float | None
    """Processes that ran or wanted to, over the last minute, before anything was measured."""
    processors: int
    virtual_machine: str | None

    def causes(self, part: str) -> tuple[str, ...]:
        """What of it would make a figure of this part low, in words."""
        found = []
        if self.on_battery and part != "disk":
            found.append("the machine runs on battery")
        if part in {"cpu", "memory", "loader"}:
            if self.governor in _SLOW_GOVERNORS:
                found.append(f"the frequency governor is {self.governor}")
            if self.quota_cores is not None and self.quota_cores < self.processors:
                found.append(f"a quota allows {self.quota_cores:g} of {self.processors} processors (cpu-oversubscribed)")
        if self.load is not None and self.load > max(_BUSY_SHARE * self.processors, 0.7) and part != "gpu":
            found.append(f"other programs were running (load {self.load:g} on {self.processors} processors)")
        return tuple(found)


def probe_conditions(system: System, facts: Facts) -> Conditions:
    """Ask what the facts do not hold, before anything is measured."""
    limits = None if isinstance(facts.limits, Unknown) else facts.limits
    cpu = None if isinstance(facts.cpu, Unknown) else facts.cpu
    quota = known(limits.cpu_cores, None) if limits else None
    return Conditions(
        on_battery=_on_battery(system),
        governor=known(cpu.governor, None) if cpu else None,
        quota_cores=quota,
        load=parse_load(_read(system, LOAD)),
        processors=usable_processors(facts),
        virtual_machine=None if isinstance(facts.os, Unknown) else known(facts.os.virtual_machine, None),
    )


def usable_processors(facts: Facts) -> int:
    """Logical processors that a process may be scheduled on; 1 where nothing tells."""
    counts: list[object] = []
    if not isinstance(facts.limits, Unknown):
        counts.append(facts.limits.affinity_cores)
    if not isinstance(facts.cpu, Unknown):
        counts.append(facts.cpu.threads)
    return min((count for count in counts if isinstance(count, int)), default=1)


def parse_load(text: str | None) -> float | None:
    """The first number of /proc/loadavg; None where there is none."""
    try:
        return float((text or "").split()[0])
    except (IndexError, ValueError):
        return None


def _on_battery(system: System) -> bool | None:
    """Whether no mains supply is online while a battery discharges; None where there is no battery."""
    try:
        names = system.list(SUPPLIES)
    except SourceError:
        return None
    kinds = {name: (_read(system, f"{SUPPLIES}/{name}/type") or "").strip() for name in names}
    batteries = [name for name, kind in kinds.items() if kind == "Battery"]
    states = [(_read(system, f"{SUPPLIES}/{name}/status") or "").strip() for name in batteries]
    return "Discharging" in states if batteries else None


def _read(system: System, path: str) -> str | None:
    try:
        return system.read(path)
    except SourceError:
        return None
