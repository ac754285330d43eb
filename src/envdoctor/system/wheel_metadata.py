"""The metadata of a wheel, without the wheel: beside it on the index (PEP 658), or out of a file on this machine."""

from __future__ import annotations

import zipfile

from envdoctor.model.offers import IndexSettings
from envdoctor.system.indexes import fetch_text, local_path
from envdoctor.system.port import Denied, Malformed, Missing

_LIMIT_BYTES = 4 << 20
_TIMEOUT_S = 5.0


def wheel_needs(url: str, settings: IndexSettings) -> tuple[str, ...]:
    """The requirement lines of a wheel.

    Raises:
        SourceError: the index does not offer metadata by itself, does not answer, or the file is no wheel.
    """
    path = local_path(url)
    if path is None:
        text, _type, _final = fetch_text(f"{url}.metadata", settings, _TIMEOUT_S)
        return parse_needs(text)
    try:
        with zipfile.ZipFile(path) as archive:
            entry = next((one for one in archive.infolist() if one.filename.endswith(".dist-info/METADATA")), None)
            if entry is None or entry.file_size > _LIMIT_BYTES:
                raise Malformed(path, "a wheel without metadata")
            return parse_needs(archive.read(entry).decode("utf-8", "replace"))
    except FileNotFoundError as error:
        raise Missing(path, "no such file") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise Malformed(path, f"no wheel: {error}") from error
    except OSError as error:
        raise Denied(path, error.strerror or str(error)) from error


def parse_needs(text: str) -> tuple[str, ...]:
    """The `Requires-Dist` lines of a metadata file's head."""
    head = text.replace("\r\n", "\n").partition("\n\n")[0]
    marked = (line.partition(":") for line in head.split("\n"))
    return tuple(value.strip() for name, _colon, value in marked if name.lower() == "requires-dist")
