#!/usr/bin/env bash
# Runs `envdoctor check` with the action's inputs, which come as variables, and tells the job what came of it. Annotations
# and the step summary are written by envdoctor itself (--format github).
set -euo pipefail

bin=bin
[ -d "$ENVDOCTOR_FOLDER/Scripts" ] && bin=Scripts
envdoctor="$ENVDOCTOR_FOLDER/$bin/envdoctor"
report="${RUNNER_TEMP:-/tmp}/envdoctor-report-$$.json"

arguments=(--format github --also "json=$report" --fail-on "${ENVDOCTOR_FAIL_ON:-error}")
add() { if [ -n "$2" ]; then arguments+=("$1=$2"); fi; }
add --rootfs "${ENVDOCTOR_ROOTFS:-}"
add --python "${ENVDOCTOR_PYTHON:-}"
add --recording "${ENVDOCTOR_RECORDING:-}"
add --target "${ENVDOCTOR_TARGET:-}"
add --select "${ENVDOCTOR_SELECT:-}"
add --ignore "${ENVDOCTOR_IGNORE:-}"
while IFS= read -r line; do
  line="${line#"${line%%[![:space:]]*}"}"
  line="${line%"${line##*[![:space:]]}"}"
  if [ -n "$line" ]; then arguments+=("--also=$line"); fi
done <<<"${ENVDOCTOR_FORMATS:-}"
# An input that is a switch: its name, its option and its value.
switch() {
  case "${3:-false}" in
    true) arguments+=("$2") ;;
    false) ;;
    *)
      echo "::error title=envdoctor::$1 is true or false, not ${3//[^[:alnum:] ]/?}"
      exit 2
      ;;
  esac
}
switch strict --strict "${ENVDOCTOR_STRICT:-}"
switch deep --deep "${ENVDOCTOR_DEEP:-}"

# A profile is a word of the command line of its own, behind --, so that it is never read as an option.
judge() {
  if [ -n "${ENVDOCTOR_PROFILE:-}" ]; then
    "$envdoctor" check "${arguments[@]}" -- "$ENVDOCTOR_PROFILE"
  else
    "$envdoctor" check "${arguments[@]}"
  fi
}

status=0
case "${ENVDOCTOR_IMAGE:-}" in
  "") judge || status=$? ;;
  docker://* | podman://*)
    engine="${ENVDOCTOR_IMAGE%%:*}"
    arguments+=("--image=-")
    set +e
    "$engine" save -- "${ENVDOCTOR_IMAGE#*://}" | judge
    ended=("${PIPESTATUS[@]}")
    set -e
    status="${ended[1]}"
    # What could not be exported was not judged, whatever envdoctor made of half an archive.
    if [ "${ended[0]}" != 0 ]; then
      echo "::error title=envdoctor::$engine save ended with status ${ended[0]}; see its message above"
      status=2
    fi
    ;;
  *)
    arguments+=("--image=$ENVDOCTOR_IMAGE")
    judge || status=$?
    ;;
esac

{
  echo "status=$status"
  if [ -s "$report" ]; then
    echo "report=$report"
    "$ENVDOCTOR_FOLDER/$bin/python" - "$report" <<'PYTHON'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
print(f"errors={report['summary']['error']}")
print(f"warnings={report['summary']['warning']}")
print("causes=" + ",".join(dict.fromkeys(finding["rule"] for finding in report["findings"])))
PYTHON
  fi
} >>"$GITHUB_OUTPUT"
exit "$status"
