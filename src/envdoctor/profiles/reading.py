"""Reads a profile file: the one place where this package opens a file that a person wrote."""

from __future__ import annotations

import os
import stat

from envdoctor.errors import BadInput
from envdoctor.profiles.parsing import parse_document
from envdoctor.profiles.written import Document

SIZE_LIMIT_BYTES = 64 << 10


def read_document(path: str) -> Document:
    """Read and take apart a profile file.

    Raises:
        BadInput: there is no such file, it cannot be read, is too large, or is no profile.
    """
    return parse_document(read_bytes(path), path)


def read_bytes(path: str) -> bytes:
    """The bytes of a regular file of at most SIZE_LIMIT_BYTES.

    Raises:
        BadInput: anything else.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise BadInput(f"{path}: not a file; name a YAML file, or a profile from `envdoctor profiles list`")
        with open(path, "rb") as file:
            data = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise BadInput(f"{path!r}: no file can have this name") from None
    if len(data) > SIZE_LIMIT_BYTES:
        raise BadInput(f"{path}: larger than {SIZE_LIMIT_BYTES >> 10} KiB; a profile is a few lines")
    return data
