import { grouped, single, type Values } from '../option.ts'
import { timeoutInMs, wholeNumber } from '../parse-text.ts'
import type { AccessArgs } from '../access-args.ts'

/** For a command that makes only a few requests. */
export const fewCallsOptions = grouped('Connection', {
  timeout: single('duration', 'Abort a request that receives no data for this long: 30s, 2m', timeoutInMs),
  'max-attempts': single('count', 'Maximum number of attempts per request, 1 to 20', wholeNumber(1, 20)),
})

export const connectionOptions = {
  ...grouped('Connection', {
    concurrency: single(
      'calls',
      'Maximum number of concurrent requests, 1 to 512. Fewer are made while the server asks to slow down',
      wholeNumber(1, 512),
    ),
  }),
  ...fewCallsOptions,
}

/** For a command that also needs this machine's CPU. Other commands only wait for the server. */
export const threadOptions = grouped('Connection', {
  threads: single(
    'count',
    'Number of download threads, 1 to 64. Default: one per core, at most 4; small downloads use one',
    wholeNumber(1, 64),
  ),
})

export type ConnectionValues = Values<typeof fewCallsOptions> &
  Partial<Values<typeof connectionOptions> & Values<typeof threadOptions>>

export function readConnection(values: ConnectionValues): AccessArgs {
  return {
    concurrency: values.concurrency,
    threads: values.threads ?? 'auto',
    timeoutMs: values.timeout,
    maxAttempts: values['max-attempts'],
  }
}
