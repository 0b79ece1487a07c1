import type { Config } from '../config/config.ts'
import { rememberWord } from '../secrets/masked-text.ts'

/**
 * Masks the external IDs of a config in all output of the process. If the user also writes one openly, in another field or in `openly`
 * (arguments, paths), it is masked only in the text of servers and programs. Otherwise printed paths and commands would be useless.
 */
export function rememberExternalIds(config: Config, openly: readonly string[]): void {
  const open = [JSON.stringify(config, withoutSecrets), ...openly]
  for (const { externalId } of config.accounts.flatMap((account) => [account, ...account.via])) {
    if (externalId === undefined) continue
    rememberWord(externalId, { everywhere: !open.some((text) => text.includes(externalId)) })
  }
}

/** External IDs, and commands, which may contain one. */
const secretFields: ReadonlySet<string> = new Set(['externalId', 'command', 'mfaProcess'])

function withoutSecrets(field: string, value: unknown): unknown {
  return secretFields.has(field) ? undefined : value
}
