"""Frozen, slotted records: what `dataclass(frozen=True, slots=True)` gives, at a fifteenth of its start-up cost.

`dataclasses` compiles several methods for every class while modules are imported; with some fifty
classes that alone is a quarter of the time `envdoctor check` may take. The methods here are shared by all
records instead. See docs/decisions/0002-records.md.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_options: object) -> Any:
        """Stand-in at run time; type checkers see the real one."""
        return lambda function: function


T = TypeVar("T")
_REQUIRED = object()
_COMPILED_AFTER = 96
"""Records of a class that are made by the shared method before the class gets one of its own: compiling that takes 40 to 80 µs,
and making a record with it 0.7 µs less."""


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class with annotated fields a frozen, slotted record; fields without a default come first.

    Raises:
        TypeError: on construction, for missing, doubled or unknown fields.
    """
    names = tuple(cls.__annotations__)
    body = {key: value for key, value in cls.__dict__.items() if key not in {"__dict__", "__weakref__"}}
    defaults = tuple(body.pop(name, _REQUIRED) for name in names)
    body.update(
        __slots__=(*names, "_derived"),
        __match_args__=names,
        _defaults=defaults,
        _left=[_COMPILED_AFTER],
        _ways=[],
        _read=staticmethod(_reader(names)),
        __init__=_init,
        __setattr__=_refuse,
        __delattr__=_refuse,
        __eq__=_eq,
        __hash__=_hash,
        __repr__=_repr,
        __reduce__=_reduce,
    )
    made: type[T] = type(cls)(cls.__name__, cls.__bases__, body)  # type: ignore[misc]
    return made


def _reader(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of these fields of a record."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


def fields(value: object) -> tuple[str, ...]:
    """The field names of a record or record class, in order; empty for anything else."""
    return tuple(getattr(value, "__match_args__", ())) if hasattr(value, "_defaults") else ()


def replace(value: T, **changes: Any) -> T:
    """A copy of a record with some fields changed.

    Raises:
        TypeError: a changed field does not exist.
    """
    return type(value)(**{**dict(zip(fields(value), _values(value), strict=True)), **changes})


def derived(value: object, name: object, work_out: Callable[[], T]) -> T:
    """What follows from a record's fields, worked out when it is first asked for and kept with it: an index, say."""
    try:
        kept: T = value._derived[name]  # type: ignore[attr-defined]
    except AttributeError:
        kept = work_out()
        object.__setattr__(value, "_derived", {**getattr(value, "_derived", {}), name: kept})
    except KeyError:
        kept = value._derived[name] = work_out()  # type: ignore[attr-defined]
    return kept


def _init(self: Any, *args: Any, **kwargs: Any) -> None:
    ways = self._ways or _find_ways(type(self))
    given = len(args)
    if given > len(ways):
        raise TypeError(f"{type(self).__name__} takes {len(ways)} fields, {given} given")
    for (_name, put, _default), value in zip(ways, args, strict=False):
        put(self, value)
    for name, put, default in ways[given:]:
        value = kwargs.pop(name, default)
        if value is _REQUIRED:
            raise TypeError(f"{type(self).__name__} needs the field {name!r}")
        put(self, value)
    if kwargs:
        raise TypeError(f"{type(self).__name__} has no field {next(iter(kwargs))!r}, or it was given twice")
    self._left[0] -= 1
    if self._left[0] == 0:
        type(self).__init__ = _compile_init(type(self))


def _find_ways(cls: Any) -> list[tuple[str, Any, Any]]:
    """Each field's name, what puts it into a record, and its default; kept with the class."""
    ways: list[tuple[str, Any, Any]] = cls._ways
    puts = (getattr(cls, name).__set__ for name in cls.__match_args__)
    ways[:] = zip(cls.__match_args__, puts, cls._defaults, strict=True)
    return ways


def _compile_init(cls: Any) -> Any:
    """The method that `_init` is in general, written out for the fields of one class."""
    names: tuple[str, ...] = cls.__match_args__
    optional = [default is not _REQUIRED for default in cls._defaults]
    heads = [f"{name}=default_{name}" if has_default else name for name, has_default in zip(names, optional, strict=True)]
    scope: dict[str, Any] = {f"put_{name}": getattr(cls, name).__set__ for name in names}
    scope.update((f"default_{name}", default) for name, default in zip(names, cls._defaults, strict=True))
    lines = "".join(f"    put_{name}(self, {name})\n" for name in names)
    exec(f"def __init__(self, {', '.join(heads)}):\n{lines}", scope)  # noqa: S102 - field names of our own classes
    return scope["__init__"]


def _values(self: Any) -> tuple[Any, ...]:
    values: tuple[Any, ...] = self._read(self)
    return values


def _refuse(self: Any, name: str, *_value: object) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot change")


def _eq(self: Any, other: object) -> bool:
    return type(other) is type(self) and _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash((type(self), *_values(self)))


def _repr(self: Any) -> str:
    inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__name__}({inside})"


def _reduce(self: Any) -> tuple[Any, ...]:
    return type(self), _values(self)
