import type { PolicyDocument } from '../../identity/policy-document.ts'
import { shellWord } from '../../trail/shell-word.ts'

interface PolicyCalls {
  /** Prints the policy as text. */
  readonly get: string
  /** Writes the policy in `$merged`. */
  readonly put: readonly string[]
  /** What AWS answers if there is no policy. Without it, such an answer ends the script. */
  readonly none?: string
}

/** Keeps the existing statements, except those with the same Sid. If the policy cannot be read, the script ends before it writes. */
export function mergeCommands({ get, put, none }: PolicyCalls, { Statement }: PolicyDocument): readonly string[] {
  return [
    `if ! current=$(${get} 2>&1); then`,
    '  case "$current" in',
    ...(none === undefined ? [] : [`    *${none}*) current='${emptyPolicy}' ;;`]),
    String.raw`    *) printf '%s\n' "$current" >&2; exit 1 ;;`,
    '  esac',
    'fi',
    mergeCommand(Statement),
    ...put,
  ]
}

/** Sets `$merged` to the policy in `$current` with these statements. */
export function mergeCommand(statements: PolicyDocument['Statement']): string {
  const merge =
    '.Statement = ([.Statement] | flatten | map(select(.Sid as $sid | $ours | map(.Sid) | index([$sid]) | not))) + $ours'
  return `merged=$(printf '%s' "$current" | jq -c --argjson ours ${shellWord(JSON.stringify(statements))} ${shellWord(merge)})`
}

export const emptyPolicy = '{"Version":"2012-10-17","Statement":[]}'
