import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CrosstrailError } from '../error.ts'
import type { SigningKeys } from '../identity/signing-keys.ts'
import { rememberKey } from '../secrets/masked-text.ts'
import { boundedServer, endServer } from '../daemon/bounded-server.ts'
import { isoTime } from './render/credential-lines.ts'

/** The endpoint from which an AWS tool gets credentials as in a container, and the token that it must send. */
export interface ContainerEndpoint {
  readonly url: string
  readonly token: string
}

export interface CredentialsServer extends ContainerEndpoint {
  close(): Promise<void>
}

export interface CredentialsServerOptions {
  readonly current: () => Promise<SigningKeys> | SigningKeys
  /** Called with the error each time that a request finds no credentials. */
  readonly onFailure: (error: unknown) => void
}

const path = '/credentials'

/**
 * Serves credentials on 127.0.0.1, on a free port, as the endpoint of containers does:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * | request | status |
 * | --- | --- |
 * | another Host than 127.0.0.1 and the port, as from a web page after DNS rebinding | 421 |
 * | no token, or a wrong one | 401 |
 * | another path | 404 |
 * | another method than GET | 405 |
 * | no credentials available | 503 |
 */
export async function startCredentialsServer(options: CredentialsServerOptions): Promise<CredentialsServer> {
  const token = randomBytes(32).toString('base64url')
  rememberKey(token)
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, body } = await answer(request, { ...options, token, port: portOf(server.address()) })
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(body))
  }
  const server = boundedServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${portOf(server.address())}${path}`,
    token,
    close: () => endServer(server),
  }
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, string>>
}

interface Serving extends CredentialsServerOptions {
  readonly token: string
  readonly port: number
}

async function answer(request: IncomingMessage, { current, onFailure, token, port }: Serving): Promise<Answer> {
  const { headers, method, url } = request
  if (headers.host !== `127.0.0.1:${port}`) return refusal(421, 'MisdirectedRequest')
  if (!sameText(headers.authorization ?? '', token)) return refusal(401, 'Unauthorized')
  if (url !== path) return refusal(404, 'NotFound')
  if (method !== 'GET') return refusal(405, 'MethodNotAllowed')
  try {
    return { status: 200, body: containerCredentials(await current()) }
  } catch (error) {
    onFailure(error)
    return refusal(503, error instanceof CrosstrailError ? error.code : 'Unavailable')
  }
}

function containerCredentials({ accessKeyId, secretAccessKey, sessionToken, expiresAtMs }: SigningKeys) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    ...(sessionToken !== undefined && { Token: sessionToken }),
    ...(expiresAtMs !== undefined && { Expiration: isoTime(expiresAtMs) }),
  }
}

function refusal(status: number, code: string): Answer {
  return { status, body: { code, message: 'crosstrail gives no credentials for this request' } }
}

/** Compares in constant time: the duration does not depend on where the texts differ, nor on their lengths. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
