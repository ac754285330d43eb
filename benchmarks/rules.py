"""How many machines the rules judge in a second on one core, once facts, rules and knowledge are loaded.

    python benchmarks/rules.py [--variants 10000] [--seed 4]

Variants are made from machines, GPUs, drivers, Pythons and environments that differ in one thing after another. Each is
judged whole, by the engine, with every rule that needs no profile. Prints the rate and how the rules ended; the exit status
is 1 where the rate is below the target or a rule crashed.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.rules.variants import variants

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Facts
from envdoctor.rules import load_rules

JUDGED_PER_SECOND = 2000.0


def main() -> int:
    """Measure, print, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    made = list(variants(Random(options.seed), options.variants))
    rate, ends = measure(iter(made))
    print(
        f"{len(made)} machines, {rate:.0f} judged per second; "
        + ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    )
    return 0 if rate >= JUDGED_PER_SECOND and not ends.get("crash") else 1


def measure(made: Iterator[Facts]) -> tuple[float, Counter[str]]:
    """Machines per second of processor time, and how many rules ended in which verdict."""
    knowledge, rules = load_knowledge(), load_rules(for_profile=False)
    ends: Counter[str] = Counter()
    first = next(made)
    diagnose(first, None, knowledge, rules)  # loads what is loaded on first use
    gc.collect()
    gc.freeze()  # knowledge and machines are loaded: they are not searched for garbage again
    spent, count = 0.0, 0
    for facts in made:
        start = time.process_time()
        report = diagnose(facts, None, knowledge, rules)
        spent += time.process_time() - start
        count += 1
        ends.update(outcome.verdict.value for outcome in report.outcomes)
    return count / spent, ends


if __name__ == "__main__":
    raise SystemExit(main())
