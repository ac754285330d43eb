"""What `envdoctor` says when it is asked nothing (what to do next), and its version."""

from __future__ import annotations

WELCOME = """\
envdoctor finds out what is wrong with a deep-learning environment, and sets one up that works.

  envdoctor check                        what is wrong on this machine, and what to do about it
  envdoctor check --python DIR           the same for another environment
  envdoctor profiles list                what can be set up
  envdoctor install pytorch-cpu --env DIR
                                         set up an environment and verify it
  envdoctor --help                       all commands
"""


def show_welcome() -> int:
    """Print it; the exit status is 0, for nothing was asked that could fail."""
    from envdoctor.cli.showing import show_layout

    show_layout(lambda _width: WELCOME)
    return 0


def show_version() -> int:
    """Print the version; the exit status is 0."""
    from envdoctor import __version__
    from envdoctor.cli.output import write_text

    write_text(f"envdoctor {__version__}\n")
    return 0
