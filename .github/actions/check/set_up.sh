#!/usr/bin/env bash
# Installs envdoctor into an environment of its own, unless the cache brought it; what is judged is not touched.
set -euo pipefail

source_folder="$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)"
for bin in bin Scripts; do
  if [ -x "$ENVDOCTOR_FOLDER/$bin/envdoctor" ] && "$ENVDOCTOR_FOLDER/$bin/envdoctor" --version; then
    exit 0
  fi
done
"$ENVDOCTOR_PYTHON_COMMAND" -m venv --clear "$ENVDOCTOR_FOLDER"
bin=bin
[ -d "$ENVDOCTOR_FOLDER/Scripts" ] && bin=Scripts
"$ENVDOCTOR_FOLDER/$bin/python" -m pip install --quiet --disable-pip-version-check "$source_folder[zstd]"
"$ENVDOCTOR_FOLDER/$bin/envdoctor" --version
