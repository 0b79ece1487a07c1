/** An HTTP answer before it is sent, which a fault can still change. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The length that HEAD announces without a body. */
  readonly announcedBytes?: number | undefined
}

export const emptyBody = Buffer.alloc(0)

export function xmlReply(body: Buffer, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body }
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: emptyBody }
}
