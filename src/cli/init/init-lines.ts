import { shellWord } from '../../trail/shell-word.ts'
import { escapeText } from '../render/escape.ts'
import type { Draft } from './draft.ts'
import type { ExternalId } from './asked-external-ids.ts'

/** The output after the config is written: where it is, and what to do about its external IDs. */
export function initLines(file: string, draft: Draft, externalIds: readonly ExternalId[]): string[] {
  return [
    `wrote ${escapeText(file)}: only you can read it`,
    ...externalIds.flatMap((external) => ['', ...externalIdLines(external, draft)]),
  ]
}

/** A new ID is shown, because it is stored nowhere. An ID that somebody else stores is not shown. */
function externalIdLines({ variable, account, hop, from, value }: ExternalId, draft: Draft): string[] {
  const role = hop ?? String(draft.at(['accounts', account, 'role']))
  const reads = `the config reads the external ID of ${escapeText(role)} from the variable ${variable}`
  if (from === 'new') {
    return [
      `a new external ID for account ${account}, which is shown only once and stored nowhere:`,
      `  ${value ?? ''}`,
      `give it to whoever writes the trust policy of ${escapeText(role)}`,
      'the config reads it from a variable; set the variable wherever crosstrail runs:',
      `  export ${variable}=${value ?? ''}`,
    ]
  }
  if (from === 'set') return [value === undefined ? `${reads}, which is not set yet` : `${reads}, which is set`]
  if (from === 'typed') return [`${reads}: set it wherever crosstrail runs`]
  const command = `aws configure get external_id --profile ${shellWord(from.profile)}`
  return [`${reads}:`, `  export ${variable}="$(${escapeText(command)})"`]
}
