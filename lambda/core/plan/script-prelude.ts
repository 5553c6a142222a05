import type { PlanStep } from './schema.ts';

const ALWAYS = String.raw`set -euo pipefail
cd -- "$(dirname -- "$0")"
export AWS_PAGER=''

for tool in aws jq; do
  command -v "$tool" >/dev/null || { printf 'stopped: %s is not installed\n' "$tool" >&2; exit 1; }
done

stop() {
  printf 'stopped, nothing was changed: %s\n' "$1" >&2
  exit 1
}

# Whether the document on standard input means the same as the one in the file: the order of keys does not count, and
# an array of one element is that element.
same_document() {
  jq -e --slurpfile other "$1" '
    def plain: walk(if type == "array" and length == 1 then .[0] else . end);
    plain == ($other[0] | plain)' >/dev/null
}

# Whether the list on standard input, separated by tabs or lines, holds the text.
listed() {
  tr '\t' '\n' | grep -Fx -- "$1" >/dev/null
}

default_version() {
  aws iam get-policy --policy-arn "$1" --query Policy.DefaultVersionId --output text
}

version_document() {
  aws iam get-policy-version --policy-arn "$1" --version-id "$2" --query PolicyVersion.Document --output json
}`;

const MAKE_ROOM = String.raw`
# A policy has at most five versions. When there are five, the oldest that is not the default is saved and deleted.
make_room() {
  local count current oldest
  count=$(aws iam list-policy-versions --policy-arn "$1" --query 'length(Versions)' --output text)
  [ "$count" -ge 5 ] || return 0
  current=$(default_version "$1")
  oldest=$(aws iam list-policy-versions --policy-arn "$1" --output json |
    jq -r --arg current "$current" '[.Versions[].VersionId | select(. != $current)] | min_by(.[1:] | tonumber)')
  mkdir -p backup
  version_document "$1" "$oldest" >"backup/${'$'}{1##*/}-$oldest.json"
  printf 'saved %s of %s in the folder backup, and deletes it\n' "$oldest" "$1"
  aws iam delete-policy-version --policy-arn "$1" --version-id "$oldest"
}`;

/** The beginning of a script: strictness, and only the helpers that its steps use. */
export function scriptPrelude(steps: readonly PlanStep[]): string {
  const versions = steps.some(
    (step) => step.op === 'create-default-version' || step.op === 'restore-default-version',
  );
  return versions ? `${ALWAYS}\n${MAKE_ROOM}` : ALWAYS;
}
