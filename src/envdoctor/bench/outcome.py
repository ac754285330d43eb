"""What one run of bench came to."""

from __future__ import annotations

from envdoctor.bench.demands import Demand
from envdoctor.bench.expecting import Judged
from envdoctor.errors import EXIT_FINDING, EXIT_OK, EXIT_UNDECIDED
from envdoctor.model.record import record


@record
class Outcome:
    """Figures with their verdicts, and what a profile asked of them."""

    judged: tuple[Judged, ...]
    demands: tuple[Demand, ...]
    profile: str | None
    folder: str
    """On the disk that was measured."""
    disk_words: str
    """File system and kind of that disk: `ext4, ssd`; empty where nothing tells."""
    python: str | None
    """The environment whose packages measured."""
    gpus: tuple[tuple[int, str], ...]
    conditions: tuple[str, ...]
    """What may have slowed it all down, in words."""
    seconds: float

    @property
    def exit_status(self) -> int:
        """1 where a demand is not met, 3 where one could not be measured or nothing at all was; else 0: low figures are told."""
        if any(one.met is False for one in self.demands):
            return EXIT_FINDING
        nothing = all(one.measured.value is None for one in self.judged)
        return EXIT_UNDECIDED if nothing or any(one.met is None for one in self.demands) else EXIT_OK

    @property
    def verdict(self) -> str:
        """`low` where any figure is, or a demand is not met; `unknown` where nothing was judged; else `good`."""
        said = {one.verdict for one in self.judged}
        if "low" in said or any(one.met is False for one in self.demands):
            return "low"
        return "good" if "good" in said or any(one.met for one in self.demands) else "unknown"
