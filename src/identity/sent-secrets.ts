import { rememberKey, rememberWord } from '../secrets/masked-text.ts'
import { parseObject } from './parse-object.ts'

interface SentRequest {
  readonly headers?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Remembers the secrets in a request of an SDK provider for masking. Those of shared files and of the SSO cache are seen nowhere else. */
export function rememberSent(request: unknown): void {
  if (typeof request !== 'object' || request === null) return
  const { headers = {}, body } = request as SentRequest
  for (const [name, value] of Object.entries(headers)) {
    if (/token$/i.test(name) && typeof value === 'string') rememberKey(value)
  }
  if (typeof body !== 'string') return
  const fields = parseObject(body) ?? Object.fromEntries(new URLSearchParams(body))
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string') continue
    if (/^(ExternalId|TokenCode)$/.test(name)) rememberWord(value)
    else if (/token$|secret$|^code(Verifier)?$/i.test(name)) rememberKey(value)
  }
}
