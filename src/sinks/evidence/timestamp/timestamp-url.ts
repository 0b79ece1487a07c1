import { isLoopbackHost } from '../../../config/loopback-host.ts'
import { CrosstrailError } from '../../../error.ts'
import { rememberWord } from '../../../secrets/masked-text.ts'

/** Where a timestamp authority is. */
export interface TimestampUrl {
  readonly origin: string
  /** With the query. */
  readonly path: string
  /** Without the query, which may hold a secret. */
  readonly shown: string
}

/** Throws `usage.invalid-value` for all but https, and http on this machine. */
export function timestampUrl(text: string): TimestampUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isAllowed =
    url !== undefined &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ''))))
  if (!isAllowed || url.username !== '' || url.password !== '') {
    throw new CrosstrailError('usage.invalid-value', 'the address of the timestamp authority cannot be used', {
      hint: 'give https://host/path without a user name; http is allowed only for this machine',
    })
  }
  // The command that was typed is in the bag.
  rememberWord(text.split('?', 2)[1], { everywhere: true })
  return { origin: url.origin, path: url.pathname + url.search, shown: url.origin + url.pathname }
}
