"""How answers of NVML that have several parts are gathered: each part is a value, null for "not of this GPU", or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

NOT_SUPPORTED, FUNCTION_NOT_FOUND = 3, 13
LOST = frozenset({15, 16})
"""GPU is lost; reset required."""


def part(library: Any, name: str, *arguments: Any) -> Any:
    """The answer of one call: null where this GPU has no such thing, `{"unknown": reason}` where it could not be asked.

    Raises:
        NVMLError: the GPU is lost.
    """
    return part_of(library, lambda: getattr(library, name)(*arguments))


def part_of(library: Any, ask: Callable[[], Any]) -> Any:
    """The same for several calls that give one answer.

    Raises:
        NVMLError: the GPU is lost.
    """
    try:
        return ask()
    except library.NVMLError as error:
        if error.value in LOST:
            raise
        return None if error.value == NOT_SUPPORTED else {"unknown": str(error)}
    except AttributeError as error:  # an older pynvml
        return {"unknown": f"the package nvidia-ml-py does not know the call: {error}"}


def total(parts: Iterable[Any]) -> Any:
    """The sum of counters; null where none is there, unknown where one of them is and none counts."""
    numbers = list(parts)
    counted = [number for number in numbers if isinstance(number, int)]
    if counted:
        return sum(counted)
    return next((number for number in numbers if isinstance(number, dict)), None)


def field_values(library: Any, handle: Any, fields: Iterable[Any]) -> list[Any]:
    """The values of NVML's numbered fields (a number, or number and scope), all in one call; the parts as above.

    Raises:
        NVMLError: the GPU is lost, or the driver is too old for the call.
    """
    return [_field(library, value) for value in library.nvmlDeviceGetFieldValues(handle, list(fields))]


def _field(library: Any, value: Any) -> Any:
    if value.nvmlReturn != 0:
        error = library.NVMLError(value.nvmlReturn)
        if value.nvmlReturn in LOST:
            raise error
        # Drivers say "invalid argument" of fields that are newer than they are.
        return None if value.nvmlReturn == NOT_SUPPORTED else {"unknown": str(error)}
    kinds = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")
    return getattr(value.value, kinds[value.valueType]) if value.valueType < len(kinds) else {"unknown": "of a new type"}
