import { CrosstrailError } from '../error.ts'
import { isLoopbackHost } from '../config/loopback-host.ts'
import { type QueueEndpoint, queueHost } from '../config/queue-host.ts'
import { type AccountId, isAccountId } from '../trail/account-id.ts'
import { isRegion } from '../trail/region.ts'

/** A queue, by its URL. */
export interface QueueAddress {
  readonly url: string
  /** The region for which calls are signed. */
  readonly region: string
  readonly name: string
  /** The account that owns the queue. */
  readonly account: AccountId
}

/**
 * Parses the URL of a queue. `region` is needed for a host that does not name one, such as loopback, and must not differ from that of the host.
 * Throws `usage.queue-url` for another URL, a FIFO queue, credentials in the URL, and `http:` to another machine.
 */
export function queueAddress(url: string, region?: string): QueueAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined) throw wrongUrl(shown(url), 'it is not a URL', example)
  if (parsed.username !== '' || parsed.password !== '') {
    throw wrongUrl(
      shown(url),
      'it contains a user name or a password',
      'remove them: calls are signed with the keys of the account',
    )
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw wrongUrl(shown(url), 'it has a query or a fragment', 'write only the URL of the queue')
  }
  demandSafeScheme(parsed, url)
  const [, account = '', name = '', ...rest] = parsed.pathname.split('/')
  if (!isAccountId(account) || rest.length > 0 || !queueName.test(name)) {
    throw wrongUrl(url, 'its path is not /ACCOUNT/NAME, with an account of 12 digits', example)
  }
  if (name.endsWith('.fifo')) {
    const why = 'it is a FIFO queue, which S3 and CloudTrail cannot send to'
    throw wrongUrl(
      url,
      why,
      'create a standard queue: in a FIFO queue one message that is not deleted would hold up all others',
    )
  }
  return { url, region: regionOf(parsed, url, region), name, account }
}

/** Returns where calls to a queue are sent. A private endpoint and loopback are sent to as the URL says. */
export function queueEndpoint({ url }: Pick<QueueAddress, 'url'>): QueueEndpoint {
  const { origin, host } = new URL(url)
  return queueHost(host)?.rules ?? { endpoint: origin }
}

const queueName = /^(?:[\w-]{1,80}|[\w-]{1,75}\.fifo)$/
const example =
  'it looks like https://sqs.us-east-1.amazonaws.com/111111111111/NAME; copy it from the page of the queue, or from aws sqs get-queue-url'

function demandSafeScheme({ protocol, hostname }: URL, url: string): void {
  if (protocol === 'https:') return
  if (protocol !== 'http:') throw wrongUrl(url, 'it does not begin with https://', example)
  if (isLoopbackHost(hostname.replace(/^\[|\]$/g, ''))) return
  throw wrongUrl(url, 'it is not encrypted', 'write https://; http:// is only for this machine')
}

function regionOf({ host }: URL, url: string, given: string | undefined): string {
  const found = queueHost(host)?.region
  if (found !== undefined && !isRegion(found)) throw wrongUrl(url, `its host names no region: ${found}`, example)
  if (given !== undefined && !isRegion(given))
    throw wrongUrl(url, `${JSON.stringify(given)} is not a region`, 'write it like us-east-1')
  if (found === undefined && given === undefined) {
    throw wrongUrl(url, 'its host names no region', 'name the region of the queue as well')
  }
  if (found !== undefined && given !== undefined && found !== given) {
    throw wrongUrl(url, `its host is in ${found}, and the region that was given is ${given}`, 'correct one of them')
  }
  return found ?? given ?? ''
}

function wrongUrl(url: string, why: string, hint: string): CrosstrailError {
  return new CrosstrailError('usage.queue-url', `${url} is not the URL of a queue that can be used: ${why}`, {
    hint,
    facts: { url },
  })
}

/** The URL without what may be a secret: user name, password, query and fragment. */
function shown(url: string): string {
  return JSON.stringify(url.replace(/\/\/[^/]*@/, '//****@').replace(/[?#].*$/s, ''))
}
