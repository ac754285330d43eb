"""Oci: a container image, read without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envdoctor.system.oci.blobs import Blob
from envdoctor.system.oci.config import Config
from envdoctor.system.oci.merged import Merged
from envdoctor.system.oci.nodes import Folder
from envdoctor.system.port import Output, Unsupported, Usage

_NOT_RUNNING = "an image is not a running machine"


class Oci(Merged):
    """A read-only view of an image."""

    def __init__(self, root: Folder, layers: Mapping[int, Blob], config: Config) -> None:
        """See `opening.open_image`.

        Args:
            root: the merged tree.
            layers: the unpacked layers, by the numbers that the tree's extents have.
            config: what the image says of itself.
        """
        super().__init__(root, layers)
        self.config = config

    def usage(self, path: str) -> Usage:
        """Not a question for an image.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(path, _NOT_RUNNING)

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """Not a question for an image: nothing in it is ever run.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(" ".join(argv), _NOT_RUNNING)

    def env(self, name: str) -> str | None:
        """A variable that the image's configuration sets, or that engines set where it does not; None for all others."""
        return self.config.variables.get(name)

    def host(self, query: str) -> Any:
        """The one question that an image answers: `image`, what its configuration says it is built for.

        Raises:
            Unsupported: any other.
        """
        if query != "image":
            raise Unsupported(query, _NOT_RUNNING)
        return {
            "architecture": self.config.architecture,
            "variant": self.config.variant,
            "os": self.config.os,
            "machine": self.config.machine,
        }

    def nvml(self, query: str, device: int | None = None) -> Any:
        """Not a question for an image.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(query, _NOT_RUNNING)
