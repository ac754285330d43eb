#!/usr/bin/env bash
# Says where envdoctor is installed on the runner, and under which key that is cached: a runner's system and Python, and
# the source that it is made from.
set -euo pipefail

source_folder="$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)"
python_version="$("$ENVDOCTOR_PYTHON_COMMAND" -c 'import platform; print(platform.python_implementation(), platform.python_version(), platform.machine(), sep="-")')"
made_from="$(cd "$source_folder" && find pyproject.toml hatch_build.py src profiles -type f -not -name '*.pyc' -not -path '*/compiled/*' -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-16)"

{
  echo "folder=${RUNNER_TEMP:-/tmp}/envdoctor"
  echo "key=envdoctor-${RUNNER_OS:-any}-$python_version-$made_from"
} >>"$GITHUB_OUTPUT"
