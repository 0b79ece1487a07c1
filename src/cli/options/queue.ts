import type { ConfiguredQueue } from '../../config/config.ts'
import { anyText } from '../../config/text-value.ts'
import { CrosstrailError } from '../../error.ts'
import { single } from '../option.ts'
import { regionName } from './selecting.ts'

/** The options that name a queue. The verb checks the URL: its error shows no password that the URL may hold. */
export const queueOptions = {
  sqs: single('url', 'The queue that announces new logs. Default: sqs in the config', anyText),
  'sqs-region': single('region', 'The region of the queue, if its URL names none', regionName),
}

/** Returns the queue of the options; undefined if they name none, or `config`, which means those of the config. Throws `usage.conflict`. */
export function readQueue(values: {
  readonly sqs: string | undefined
  readonly 'sqs-region': string | undefined
}): ConfiguredQueue | undefined {
  if (values.sqs !== undefined && values.sqs !== 'config') return { url: values.sqs, region: values['sqs-region'] }
  if (values['sqs-region'] === undefined) return undefined
  throw new CrosstrailError('usage.conflict', '--sqs-region needs --sqs', {
    hint: 'write the region of a queue of the config in the config',
  })
}
