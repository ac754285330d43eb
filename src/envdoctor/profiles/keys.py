"""The kinds of value that the schema's keys take: pydantic types over the parsers of `values`."""

from __future__ import annotations

from typing import Annotated, Any

from packaging.specifiers import SpecifierSet
from pydantic import BeforeValidator, GetJsonSchemaHandler, WithJsonSchema

from envdoctor.model.figures import BOUNDS_PATTERN
from envdoctor.profiles import values

SYSTEMS = ("linux", "windows", "macos")
ARCHITECTURES = ("x86_64", "aarch64", "arm64")
VENDORS = ("nvidia", "amd", "intel", "apple", "none")
ACCELERATORS = ("tpu",)
BUILDS = ("cuda11", "cuda12", "cuda13", "rocm", "cpu", "mps", "tpu")
BACKENDS = ("conda",)

SIZE_SCHEMA = {"type": "string", "pattern": values.SIZE_PATTERN, "examples": ["16 GiB"]}


class Also:
    """Tells the JSON Schema of a type what is accepted beside it."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The two side by side."""
        return {"anyOf": [self.schema, handler(core)]}


def _schema(**content: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **content})


def parse_list(value: Any) -> Any:
    """A lone value where a list may stand is a list of one."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) or value is None:
        raise ValueError(f"a list is wanted, not {values.name_kind(value)}")
    return [value]


def one_or_list(inner: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a value or a list of such."""
    return {"anyOf": [inner, {"type": "array", "items": inner}]}


Text = Annotated[str, BeforeValidator(values.parse_text)]
Range = Annotated[
    SpecifierSet,
    BeforeValidator(values.parse_range),
    _schema(pattern=values.RANGE_PATTERN, examples=[">=2.1,<3"]),
]
Size = Annotated[
    int,
    BeforeValidator(values.parse_size),
    WithJsonSchema(SIZE_SCHEMA),
]
Bounds = Annotated[
    str,
    BeforeValidator(values.parse_bounds),
    _schema(pattern=BOUNDS_PATTERN, examples=[">=1000,<20000"]),
]
Level = Annotated[
    int,
    BeforeValidator(values.parse_level),
    WithJsonSchema({"enum": ["x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4"]}),
]
Flag = Annotated[bool, BeforeValidator(values.parse_flag), WithJsonSchema({"type": "boolean"})]
Vendor = Annotated[str, BeforeValidator(values.word_of(VENDORS)), _schema(enum=list(VENDORS))]
Build = Annotated[str, BeforeValidator(values.word_of(BUILDS)), _schema(enum=list(BUILDS))]
Accelerator = Annotated[str, BeforeValidator(values.word_of(ACCELERATORS)), _schema(enum=list(ACCELERATORS))]
Backend = Annotated[str, BeforeValidator(values.word_of(BACKENDS)), _schema(enum=list(BACKENDS))]
Name = Annotated[
    str, BeforeValidator(values.name_of(values.NAME_PATTERN, "name of a profile")), _schema(pattern=values.NAME_PATTERN)
]
Module = Annotated[
    str, BeforeValidator(values.name_of(values.MODULE_PATTERN, "module name")), _schema(pattern=values.MODULE_PATTERN)
]

SYSTEMS_SCHEMA = one_or_list({"type": "string", "enum": list(SYSTEMS)})
_system = values.word_of(SYSTEMS, {"darwin": "macos", "win32": "windows", "osx": "macos"})
_architecture = values.word_of(ARCHITECTURES, {"amd64": "x86_64", "x86-64": "x86_64"})
Systems = Annotated[
    list[Annotated[str, BeforeValidator(_system)]],
    BeforeValidator(parse_list),
    WithJsonSchema(SYSTEMS_SCHEMA),
]
Architectures = Annotated[
    list[Annotated[str, BeforeValidator(_architecture)]],
    BeforeValidator(parse_list),
    WithJsonSchema(one_or_list({"type": "string", "enum": list(ARCHITECTURES)})),
]
Tool = Annotated[
    SpecifierSet,
    BeforeValidator(lambda value: SpecifierSet() if value == "*" else values.parse_range(value)),
    WithJsonSchema({"anyOf": [{"const": "*"}, {"type": "string", "pattern": values.RANGE_PATTERN}]}),
]
ToolName = Annotated[str, BeforeValidator(values.name_of(values.TOOL_PATTERN, "name of a program"))]
VariableName = Annotated[str, BeforeValidator(values.name_of(values.VARIABLE_PATTERN, "name of an environment variable"))]
Variable = Annotated[
    str | None,
    BeforeValidator(lambda value: None if value is None else values.parse_text(value)),
    WithJsonSchema({"type": ["string", "null"]}),
]
Words = Annotated[list[Text], BeforeValidator(parse_list), WithJsonSchema(one_or_list({"type": "string"}))]
Modules = Annotated[
    list[Module], BeforeValidator(parse_list), WithJsonSchema(one_or_list({"type": "string", "pattern": values.MODULE_PATTERN}))
]
Channels = Annotated[
    list[Annotated[str, BeforeValidator(values.parse_channel)]],
    BeforeValidator(parse_list),
    WithJsonSchema(one_or_list({"type": "string", "pattern": values.CHANNEL_PATTERN})),
]
CondaSpecs = Annotated[
    list[Annotated[str, BeforeValidator(values.parse_conda_spec)]],
    BeforeValidator(parse_list),
    WithJsonSchema(one_or_list({"type": "string", "pattern": values.CONDA_PATTERN})),
]
