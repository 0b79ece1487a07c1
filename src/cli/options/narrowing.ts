import type { CredentialsOptions } from '../../verbs/creds/options.ts'
import { CrosstrailError } from '../../error.ts'
import { choiceList, flag, grouped, single, type Values } from '../option.ts'
import { s3Url } from '../../config/place-text.ts'
import { type OutputArgs, outputOptions, readOutput } from './output.ts'

const verbs = ['list', 'download', 'copy', 'delete', 'verify'] as const

/** The options that limit credentials for other programs, and cache them. */
export const narrowingOptions = grouped('Credentials', {
  verb: choiceList(
    'verb',
    "Verbs that the credentials are for. Repeatable, or with commas. Default: all of the account's allow",
    verbs,
  ),
  'read-only': flag('Limit the credentials to list and download'),
  'copy-to': single(
    's3://bucket/prefix',
    'Where the credentials may write, for the verb copy. Default: nowhere',
    s3Url(),
  ),
  cache: flag("Keep the session for the next run, encrypted with a key from the platform's keyring"),
})

const { quiet, verbose, 'no-color': noColor } = outputOptions

/** The output options for stderr, for commands whose stdout has its own format. */
export const talkOptions = { quiet, verbose, 'no-color': noColor }

export function readTalk(values: Values<typeof talkOptions>): OutputArgs {
  return readOutput({ ...values, output: 'table' })
}

export type NarrowingArgs = Omit<CredentialsOptions, 'account'>

/** Throws `usage.conflict`. */
export function readNarrowing(
  values: Values<typeof narrowingOptions> & { readonly 'no-session-policy': boolean },
): NarrowingArgs {
  const asked = values.verb.length > 0 ? '--verb' : values['read-only'] ? '--read-only' : undefined
  const conflict = (one: string, other: string, why: string) =>
    new CrosstrailError('usage.conflict', `${one} does not go together with ${other}: ${why}`)
  if (values['no-session-policy'] && (asked !== undefined || values['copy-to'] !== undefined)) {
    throw conflict(asked ?? '--copy-to', '--no-session-policy', 'only a session policy can limit the credentials')
  }
  if (values['read-only'] && values.verb.length > 0) throw conflict('--read-only', '--verb', 'each sets the verbs')
  if (values['read-only'] && values['copy-to'] !== undefined)
    throw conflict('--read-only', '--copy-to', '--copy-to allows writes')
  if (values['copy-to'] !== undefined && values.verb.length > 0 && !values.verb.includes('copy')) {
    throw conflict('--copy-to', `--verb ${values.verb.join(',')}`, 'only copy writes there')
  }
  return {
    verbs: values.verb.length > 0 ? values.verb : undefined,
    readOnly: values['read-only'],
    copyTo: values['copy-to'],
    cache: values.cache,
  }
}
