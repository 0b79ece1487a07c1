import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { ServiceError } from './error-answer.ts'

/** One HTTP request, read completely. */
export interface LabRequest {
  readonly id: string
  readonly method: string
  /** As the client wrote it, still percent-encoded. */
  readonly rawPath: string
  readonly rawQuery: string
  /** Decoded. */
  readonly path: string
  /** Decoded. If a name is repeated, the last value counts. */
  readonly query: ReadonlyMap<string, string>
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * Reads a request.
 * @throws {ServiceError} `InvalidURI` if the path or query is not percent-encoded UTF-8
 */
export async function readRequest(incoming: IncomingMessage): Promise<LabRequest> {
  const body = await readBody(incoming)
  const url = incoming.url ?? '/'
  const mark = url.indexOf('?')
  const rawPath = mark < 0 ? url : url.slice(0, mark)
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1)
  return {
    id: randomBytes(8).toString('hex').toUpperCase(),
    method: incoming.method ?? 'GET',
    rawPath,
    rawQuery,
    path: decode(rawPath),
    query: parseQuery(rawQuery),
    headers: incoming.headers,
    body,
  }
}

/** Returns the value of a header, or undefined. */
export function headerOf(request: Pick<LabRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** Parses `a=b&c=d`, the form of query strings and form bodies. */
export function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const value = equals < 0 ? '' : pair.slice(equals + 1)
    query.set(decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' ')))
  }
  return query
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ServiceError(400, 'InvalidURI', "Couldn't parse the specified URI.", { URI: text })
  }
}
