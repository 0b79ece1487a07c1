import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What a server repeats in its answer to a request. `marks` is the lab's own answer with changed facts about the bucket and its objects. */
export type Echo = (typeof echoes)[number] | 'marks'

/** The part of the answer that contains the secrets. */
export const echoes = ['message', 'code', 'headers', 'reason', 'redirect', 'document', 'no-http', 'short'] as const

export interface EchoingServer {
  readonly endpoint: string
  /** What to repeat for a request; undefined passes it to the lab. */
  echo: (asked: { readonly method: string; readonly url: string; readonly body: string }) => Echo | undefined
  /** Forgets what was sent. Another process does not know it, so it could not mask it. */
  forget(): void
  stop(): Promise<void>
}

/** A server before the lab that records every secret it is sent, and repeats them as `echo` says. */
export async function echoingServer(lab: string): Promise<EchoingServer> {
  const heard = new Set<string>()
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error))
  })
  const echoing: EchoingServer = {
    endpoint: '',
    echo: () => undefined,
    forget: () => heard.clear(),
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped())
        server.closeAllConnections()
      }),
  }

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    const { method = '', url = '', headers } = incoming
    const form = new URLSearchParams(body.toString('latin1'))
    const sent = [headers['x-amz-security-token'], headers['x-amz-mfa'], form.get('ExternalId'), form.get('TokenCode')]
    for (const secret of sent) if (typeof secret === 'string') heard.add(secret)
    const echo = echoing.echo({ method, url, body: body.toString('latin1') })
    if (echo === undefined || echo === 'marks') return passOn(lab, incoming, body, outgoing, echo && wordOf([...heard]))
    repeat(echo, [...heard], outgoing)
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return Object.assign(echoing, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

/** The secrets in all forms in which a server may write them. */
function allForms(words: readonly string[]): string {
  const forms = words.flatMap((word) => [
    word,
    `'${word}'`,
    encodeURIComponent(word),
    Buffer.from(`token:${word}`).toString('base64'),
    word.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;'),
    ...(word.length > 60 ? [`${word.slice(0, 60)}...`] : []),
  ])
  return forms.join(' ')
}

/** The longest secret, which is a token if there is one. */
function wordOf(words: readonly string[]): string {
  return words.toSorted((one, other) => other.length - one.length)[0] ?? ''
}

const xmlText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function repeat(echo: Exclude<Echo, 'marks'>, words: readonly string[], outgoing: ServerResponse): void {
  const all = allForms(words)
  const document = (code: string, message: string) =>
    `<Error><Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message><Resource>${xmlText(all)}</Resource>` +
    `<Region>${wordOf(words)}</Region><Endpoint>${wordOf(words)}</Endpoint><RequestId>${wordOf(words)}</RequestId></Error>`
  const headers = Object.fromEntries(
    ['etag', 'location', 'x-amz-bucket-region', 'x-amz-request-id', 'x-amz-version-id', 'x-amz-id-2', 'date'].map(
      (name) => [name, wordOf(words)],
    ),
  )
  switch (echo) {
    case 'message':
      return void outgoing.writeHead(403).end(document('AccessDenied', `you sent ${all}`))
    case 'code':
      return void outgoing.writeHead(400).end(document(wordOf(words), all))
    case 'headers':
      return void outgoing.writeHead(403, headers).end()
    case 'reason':
      return void outgoing.writeHead(403, wordOf(words)).end()
    case 'redirect':
      return void outgoing.writeHead(301, headers).end(document('PermanentRedirect', all))
    case 'document':
      return void outgoing.end(listingOf(words))
    case 'no-http':
      return void outgoing.socket?.end(`HTTP/1.1 200 OK\r\n${wordOf(words)}\r\n\r\n`)
    case 'short':
      return void outgoing.writeHead(206, { 'content-range': all, 'content-length': '1', ...headers }).end('x')
  }
}

function listingOf(words: readonly string[]): string {
  const all = xmlText(allForms(words))
  const entry = `<Contents><Key>k</Key><LastModified>${all}</LastModified><ETag>${all}</ETag><Size>${all}</Size></Contents>`
  return `<ListBucketResult><KeyCount>${all}</KeyCount><IsTruncated>${all}</IsTruncated>${entry}</ListBucketResult>`
}

function passOn(
  lab: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  mark: string | undefined,
): void {
  const { method = 'GET', url = '/', headers } = incoming
  const call = request(new URL(url, lab), { method, headers }, (answer) => {
    buffer(answer).then(
      (came) => {
        const own = { ...answer.headers, ...(mark !== undefined && marks(mark)) }
        delete own['content-length']
        outgoing.writeHead(answer.statusCode ?? 500, own).end(mark === undefined ? came : marked(came, mark))
      },
      (error: unknown) => outgoing.destroy(error as Error),
    )
  })
  call.on('error', (error) => outgoing.destroy(error))
  call.end(body)
}

function marks(mark: string): Record<string, string> {
  const headers = ['etag', 'x-amz-version-id', 'x-amz-bucket-region', 'x-amz-request-id', 'x-amz-storage-class']
  return Object.fromEntries([...headers, 'x-amz-server-side-encryption-aws-kms-key-id'].map((name) => [name, mark]))
}

function marked(body: Buffer, mark: string): Buffer {
  if (!body.includes('<')) return body
  const text = body
    .toString('latin1')
    .replaceAll(
      /<(ETag|StorageClass|VersionId|DeleteMarkerVersionId|ObjectOwnership|Payer|Status)>[^<]*</g,
      (_all, name) => `<${name}>${mark}<`,
    )
  return Buffer.from(text, 'latin1')
}
