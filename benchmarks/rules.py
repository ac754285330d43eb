"""How many machines the rules judge in a second on one core, once facts, rules and knowledge are loaded.

    python benchmarks/rules.py [--variants 10000] [--seed 4] [--passes 3]

Variants are recorded machines with other GPUs, drivers, systems, Pythons and packages. Each is judged whole, by the engine,
with every rule that needs no profile. The same variants are made anew for each pass, so that nothing is left from the one
before; of each 100 the quickest pass counts, because what else runs on the machine slows single ones. What counts is
processor time in user mode, which other programs do not add to; on a shared core they still slow it, so that the rate by the
clock and the share of the processor that was had are printed too. Prints also the rate of the first pass alone and how the
rules ended; the exit status is 1 where the rate is below the target or a rule crashed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.rules.variants import variants

from envdoctor.__main__ import SELDOM
from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts
from envdoctor.rules import load_rules

JUDGED_PER_SECOND = 2000.0
CHUNK = 100


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--passes", type=int, default=3)
    options = parser.parse_args()
    ends: Counter[str] = Counter()
    passes, clock = [], 0.0
    for _ in range(options.passes):
        made = tuple(variants(Random(options.seed), options.variants))
        start = time.perf_counter()
        passes.append(measure(made, ends))
        clock += time.perf_counter() - start
    spent, best = sum(map(sum, passes)), sum(map(min, zip(*passes, strict=True)))
    rate, every = options.variants / best, options.variants * options.passes
    print(
        f"{options.variants} machines, {rate:.0f} judged per second of user time ({options.variants / sum(passes[0]):.0f} first)"
    )
    print(f"{every / clock:.0f} per second by the clock, with {min(spent / clock, 1):.0%} of a core")
    print(", ".join(f"{count // options.passes} {end}" for end, count in sorted(ends.items())))
    return 0 if rate >= JUDGED_PER_SECOND and not ends.get("crash") else 1


def measure(made: tuple[Facts, ...], ends: Counter[str]) -> list[float]:
    """Seconds of processor time in user mode for each 100 machines; counts how the rules ended."""
    knowledge, rules = load_knowledge(), load_rules(for_profile=False)
    diagnose(next(variants(Random(0), 1)), None, knowledge, rules)  # loads what is loaded on first use
    gc.collect()
    gc.set_threshold(SELDOM)  # as the program itself does while it judges
    gc.freeze()  # knowledge and machines are loaded: they are not searched for garbage again
    spent = []
    for at in range(0, len(made), CHUNK):
        start = os.times().user
        reports = [diagnose(facts, None, knowledge, rules) for facts in made[at : at + CHUNK]]
        spent.append(os.times().user - start)
        ends.update(outcome.verdict.value for report in reports for outcome in report.outcomes)
    gc.unfreeze()
    return spent


if __name__ == "__main__":
    raise SystemExit(main())
