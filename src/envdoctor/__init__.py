"""envdoctor: finds out what is wrong with a deep-learning environment, and sets one up that works.

For programs and notebooks: `envdoctor.check()`, `envdoctor.probe()` and `envdoctor.will_run()`; see `envdoctor.api`. They are
imported when they are first asked for: importing this package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envdoctor.api import CheckResult as CheckResult
    from envdoctor.api import check as check
    from envdoctor.api import probe as probe
    from envdoctor.api import will_run as will_run

__version__ = "0.1.0"
__all__ = ["CheckResult", "__version__", "check", "probe", "will_run"]


def __getattr__(name: str) -> object:
    """The functions for programs, on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from envdoctor import api

    return getattr(api, name)
