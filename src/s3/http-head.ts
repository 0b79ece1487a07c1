import { ownText } from '../trail/own-text.ts'

/** The server's bytes are not HTTP/1.1 or exceed a limit. */
export class MalformedAnswer extends Error {
  /** `endless-…` if the answer exceeded a limit. A repeated request may then succeed. */
  readonly code: 'malformed-answer' | 'endless-head' | 'endless-trailers' | 'endless-informational'

  constructor(message: string, code: MalformedAnswer['code'] = 'malformed-answer') {
    super(message)
    this.code = code
  }
}

export interface Head {
  readonly status: number
  /** The minor version: HTTP/1.0 or HTTP/1.1. */
  readonly version: number
  readonly headers: Record<string, string | string[]>
}

export function parseHead(text: string): Head {
  const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [^\0\r\n]*)?(?:\r\n|$)/.exec(text)
  if (statusLine === null) throw new MalformedAnswer(notHttp)
  const headers = noHeaders()
  for (let at = text.indexOf('\r\n'); at !== -1;) {
    const start = at + 2
    at = text.indexOf('\r\n', start)
    addHeader(headers, at === -1 ? text.slice(start) : text.slice(start, at))
  }
  return { version: Number(statusLine[1]), status: Number(statusLine[2]), headers }
}

/** Headers have no inherited properties, because a server may send a header named `constructor`. With this prototype they are as fast as other objects. */
const bare: object = Object.create(null)
export const noHeaders = (): Head['headers'] => Object.create(bare)

export function addHeader(headers: Head['headers'], line: string): void {
  const colon = line.indexOf(':')
  const name = headerName(line.slice(0, Math.max(colon, 0)))
  const value = withoutBlanks(line, colon + 1)
  // Another reader may take this for the end of a line.
  if (isBroken.test(value)) throw new MalformedAnswer('a header of more than one line')
  const known = headers[name]
  headers[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value]
}

const isBroken = /[\0\r\n]/

/** Unlike `trim`, removes only spaces and tabs. */
function withoutBlanks(line: string, from: number): string {
  let start = from
  let end = line.length
  while (isBlank(line, start)) start++
  while (end > start && isBlank(line, end - 1)) end--
  return line.slice(start, end)
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at)
  return code === 32 || code === 9
}

/** Caches names: a server sends the same few names in each of a million answers. */
const headerNames = new Map<string, string>()

function headerName(sent: string): string {
  const known = headerNames.get(sent)
  if (known !== undefined) return known
  const name = sent.toLowerCase()
  if (!isToken.test(name)) throw new MalformedAnswer('a header without a name')
  if (headerNames.size < 256) headerNames.set(ownText(sent), ownText(name))
  return name
}

export const notHttp = 'the server does not speak HTTP/1.1'

const isToken = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
