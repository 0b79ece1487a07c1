import type { Fault, SeenRequest } from '../../../src/lab/faults.ts'
import type { Reply } from '../../../src/lab/reply.ts'

export interface Change {
  /** Undefined: the header is left out. */
  readonly etag: (quoted: string) => string | undefined
  readonly body?: ((body: Buffer) => Buffer) | undefined
}

/** ETags that say nothing about a body, by a name for test titles. */
export const sayNothing = {
  'no ETag': () => undefined,
  'a weak ETag': (quoted: string) => `W/${quoted}`,
  'an ETag of another form': () => '"abc"',
} as const

/**
 * Changes the answers to GETs and HEADs of these keys, which then carry no checksum. Of a range only the part that was asked for is changed.
 */
export function middlebox(changes: Readonly<Record<string, Change>>): (request: SeenRequest) => Fault | undefined {
  return ({ operation, key }) => {
    const change = changes[key]
    if (change === undefined || (operation !== 'GetObject' && operation !== 'HeadObject')) return undefined
    return { rewrite: (reply) => changed(reply, change) }
  }
}

function changed(reply: Reply, { etag, body = (same: Buffer) => same }: Change): Reply {
  const { etag: quoted = '', ...others } = reply.headers
  const kept = Object.entries(others).filter(([name]) => !name.startsWith('x-amz-checksum'))
  const shown = etag(quoted)
  const headers = Object.fromEntries(shown === undefined ? kept : [...kept, ['etag', shown]])
  return { ...reply, headers, body: body(reply.body) }
}
