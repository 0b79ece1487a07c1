import type { Config } from '../config/config.ts'
import { rememberWord } from '../secrets/masked-text.ts'

/**
 * Has the external IDs of a config masked in all that leaves the process. One that the user also writes openly, in another field or in
 * `openly` (arguments, paths), is masked in the words of servers and programs alone: else paths and commands that are shown would be
 * of no use.
 */
export function rememberExternalIds(config: Config, openly: readonly string[]): void {
  const open = [JSON.stringify(config, withoutSecrets), ...openly]
  for (const { externalId } of config.accounts.flatMap((account) => [account, ...account.via])) {
    if (externalId === undefined) continue
    rememberWord(externalId, { everywhere: !open.some((text) => text.includes(externalId)) })
  }
}

/** External IDs themselves, and commands, which may hold one. */
const secretFields: ReadonlySet<string> = new Set(['externalId', 'command', 'mfaProcess'])

function withoutSecrets(field: string, value: unknown): unknown {
  return secretFields.has(field) ? undefined : value
}
