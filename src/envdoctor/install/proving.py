"""From the package manager's proof that nothing fits to a refusal: what excludes what, and what would help. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.install.unsolvable import Unsolvable
from envdoctor.model.offers import Offers
from envdoctor.model.plan import Exclusion, Plan, Refusal
from envdoctor.model.profile import Profile
from envdoctor.model.unknown import Unknown

_REASONS_SHOWN = 4


def refuse_unsolvable(error: Unsolvable, plan: Plan, profile: Profile, offers: Offers) -> Refusal:
    """The refusal for a plan whose requirements no set of packages meets."""
    own = [exclusion for exclusion in error.proof if _says_something(exclusion)]
    reasons = tuple(f"{exclusion.what}: {exclusion.because}" for exclusion in own[-_REASONS_SHOWN:])
    head = f"no set of packages meets all requirements, as {plan.backend} proves"
    return Refusal(profile.name, (head, *(reasons or (str(error),))), tuple(_advice(error, profile, offers)), error.proof)


def _says_something(exclusion: Exclusion) -> bool:
    """Whether a step of the proof names a cause, and does not only join others."""
    return not exclusion.because.startswith(("we know from", "only the following", "you require"))


def _advice(error: Unsolvable, profile: Profile, offers: Offers) -> Iterator[str]:
    if offers.settings.constraints:
        yield f"leave out, or loosen, what constrains it: {', '.join(offers.settings.constraints)}"
    if error.wanted_python is not None:
        yield f"another Python, which newer releases need: --python {error.wanted_python}"
    if isinstance(offers.package_index, Unknown):
        yield f"an index that answers: {offers.package_index.reason}"
    if offers.settings.offline:
        yield "ask the network: without --offline"
    yield f"see what the profile asks for: envdoctor profiles show {profile.word}"
    yield "see the whole derivation: --explain"
