"""The reference page of profiles, made from the schema: `python -m envdoctor.profiles.reference > docs/reference/profiles.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from envdoctor.profiles.finding import names_in, shipped_folder
from envdoctor.profiles.loading import read_profile
from envdoctor.profiles.schema import json_schema

HEAD = """# Profiles

<!-- Made from the schema by `python -m envdoctor.profiles.reference`; a test compares. Do not edit by hand. -->

A profile says what an environment must be. `envdoctor check NAME` judges a machine by it, `envdoctor plan NAME` and
`envdoctor install NAME` make an environment of it. A profile only declares: nothing in one is ever executed.

```yaml
# lab.yaml
title: Our training machines
extends: pytorch-cuda12
ram: 64 GiB
gpu:
  count: ">=4"
  memory: 40 GiB
packages:
  - "torch>=2.6,<3"
  - "einops"
variables:
  NCCL_P2P_DISABLE: null
```

`envdoctor profiles validate lab.yaml` names every mistake by file, line and key.
"""

VALUES = """
## Values

- **Ranges** are [version specifiers](https://packaging.python.org/en/latest/specifications/version-specifiers/) in quotes:
  `">=2.1,<3"`, `"==3.11.*"`. Without quotes `>` starts a block of text in YAML, and 3.10 is the number 3.1.
- **Sizes** carry their unit: `16 GiB` (binary), `500 MB` (decimal). Main memory and GPU memory may fall short by a twelfth,
  because kernel, firmware and ECC keep a part of what is printed on the box.
- **Packages** are [dependency specifiers](https://packaging.python.org/en/latest/specifications/dependency-specifiers/) with
  ranges, extras and markers; URLs are refused. Exact versions, builds and indexes are the plan's business.
- **A lone value** may stand for a list of one, for `os.system`, `ram.total`, `disk.free`, and for a package's `requirement`.
- **`null`** drops what `extends` brought; under `variables` it says that the variable must not be set.

## Extending

`extends` names profiles, or paths inside the folder of the file. What stands in the profile itself wins: mappings are
merged key by key, packages by name, `imports` and `notes` are added, everything else is replaced. `name`, `title` and
`description` are not inherited. Of several the last one wins.

## Where profiles are looked for

1. those that come with envdoctor;
2. `NAME.yaml` in the working directory, then in `envdoctor-profiles/` and `.envdoctor/profiles/` there;
3. `envdoctor/profiles/` in your configuration folder: `$XDG_CONFIG_HOME` or `~/.config` on Linux,
   `~/Library/Application Support` on macOS, `%APPDATA%` on Windows.

A file in the working directory never takes the place of a profile that comes with envdoctor; name it by its path for that
(`./pytorch-cpu.yaml`). Files may be up to 64 KiB; YAML tags, merge keys and doubled keys are refused.

For completion in an editor: `envdoctor profiles schema -o envdoctor-profile.schema.json`, and as the first line of a profile
`# yaml-language-server: $schema=envdoctor-profile.schema.json`.
"""


def render_reference() -> str:
    """The whole page."""
    schema = json_schema()
    parts = [
        HEAD,
        "\n## Keys\n\nUnknown keys are errors. Each demand has a rule of its own, whose name starts with `profile-`.\n",
    ]
    parts += [
        "\n| key | takes | meaning |\n| --- | --- | --- |\n",
        *(f"{row}\n" for row in _rows(schema, schema["properties"], "")),
    ]
    parts += [VALUES, "\n## Profiles that come with envdoctor\n\n| name | what for |\n| --- | --- |\n"]
    parts += [f"| `{name}` | {read_profile(f'{shipped_folder()}/{name}.yaml').title} |\n" for name in names_in(shipped_folder())]
    return "".join(parts)


def _rows(schema: dict[str, Any], properties: dict[str, Any], before: str) -> Iterator[str]:
    for key, value in properties.items():
        part = _part(schema, value)
        yield f"| `{before}{key}` | {_takes(value, part is not None)} | {_cell(value['description'])} |"
        if part is not None:
            yield from _rows(schema, part["properties"], f"{before}{key}[]." if key == "packages" else f"{before}{key}.")


def _part(schema: dict[str, Any], value: dict[str, Any]) -> dict[str, Any] | None:
    """The mapping that a key takes, where it takes one."""
    for choice in _choices(value):
        if "$ref" in choice:
            part: dict[str, Any] = schema["$defs"][choice["$ref"].rpartition("/")[2]]
            return part
    return None


def _choices(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for choice in value.get("anyOf", [value]):
        if "anyOf" in choice:
            yield from _choices(choice)
        elif choice.get("type") == "array":
            yield choice
            yield from _choices(choice["items"])
        elif choice.get("type") != "null":
            yield choice


def _takes(value: dict[str, Any], is_part: bool) -> str:
    """What may stand there, in two words."""
    choices = list(_choices(value))
    words = next((choice["enum"] for choice in choices if "enum" in choice), None)
    if is_part:
        return "list" if "items" in choices[0] and "$ref" in str(choices[0]["items"]) else "mapping"
    if words:
        return ", ".join(f"`{word}`" for word in words)
    if any(choice.get("type") == "array" for choice in choices):
        return "list"
    if any(choice.get("type") == "object" for choice in choices):
        return "mapping"
    if "pattern" in choices[0] and "examples" in choices[0]:
        return "range" if "<" in choices[0]["examples"][0] else "size"
    return "true, false" if choices[0].get("type") == "boolean" else "text"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(render_reference())
