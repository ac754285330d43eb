"""`--target`: the hardware and system that an environment is meant for, read and laid over the facts."""

from envdoctor.targets.applying import apply_target
from envdoctor.targets.parsing import parse_target

__all__ = ["apply_target", "parse_target"]
