import { type AccountId, isAccountId } from '../trail/account-id.ts'
import { isRegion } from '../trail/region.ts'
import { isLoopbackHost } from './loopback-host.ts'
import { queueHost } from './queue-host.ts'

/** What the URL of a queue says. */
export interface QueueUrl {
  readonly url: string
  /** The region that the host names. Undefined if the host is not one of AWS, so that somebody must give the region. */
  readonly region: string | undefined
  readonly account: AccountId
  readonly name: string
}

export const queueUrlExpected = 'the URL of a queue, such as https://sqs.us-east-1.amazonaws.com/111111111111/name'

/** The shape of a queue's URL, for editors. `parseQueueUrl` decides. */
export const queueUrlPattern = /^https?:\/\/[^/?#@\s]+\/\d{12}\/[\w-]{1,80}$/

/**
 * Parses the URL of a standard queue. Returns what is wrong with it if it is not one: http to another machine, credentials, a FIFO queue
 * (S3 and CloudTrail cannot announce to one). The answer never contains the URL, which may hold a password.
 */
export function parseQueueUrl(text: string): QueueUrl | { readonly wrong: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || /\s/.test(text))
    return { wrong: 'not the URL of a queue' }
  if (url.username !== '' || url.password !== '') return { wrong: 'a URL with credentials' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'http:' && !isLoopbackHost(host)) return { wrong: 'http to another machine instead of https' }
  const [, account = '', name = '', fifo] = /^\/(\d{12})\/([\w-]{1,80})(\.fifo)?$/.exec(url.pathname) ?? []
  if (!isAccountId(account) || url.search !== '' || url.hash !== '') return { wrong: 'not the URL of a queue' }
  if (fifo !== undefined) return { wrong: 'a FIFO queue, to which S3 and CloudTrail cannot announce logs' }
  const region = queueHost(url.host)?.region
  return { url: text, region: region !== undefined && isRegion(region) ? region : undefined, account, name }
}
