import { randomBytes } from 'node:crypto'
import { derivedId, type LabRole } from './iam.ts'
import { emptyReply, type Reply } from './reply.ts'
import { headerOf, type LabRequest } from './request.ts'
import type { LabSession } from './issued-sessions.ts'
import type { World } from './world.ts'

/** The machine that the metadata endpoint belongs to. */
export interface Instance {
  readonly id: string
  readonly region: string
  /** The ARN of its profile's role. */
  readonly roleArn: string
}

/** An EC2 metadata endpoint, version 2 only: it answers nothing without a token. */
export class Imds {
  readonly #world: World
  readonly #instance: Instance
  readonly #tokens = new Map<string, number>()
  #session: LabSession | undefined

  constructor(world: World, instance: Instance) {
    this.#world = world
    this.#instance = instance
  }

  answer(request: LabRequest): Reply {
    if (request.path === '/latest/api/token') return this.#newToken(request)
    const expiresAtMs = this.#tokens.get(headerOf(request, 'x-aws-ec2-metadata-token') ?? '')
    if (expiresAtMs === undefined || expiresAtMs <= this.#world.now()) return emptyReply(401)
    if (request.method !== 'GET') return emptyReply(405)
    const role = this.#world.iam.role(this.#instance.roleArn)
    const answer = role === undefined ? undefined : this.#read(request.path.replace(/\/$/, ''), role)
    return answer === undefined ? emptyReply(404) : textReply(answer)
  }

  #newToken(request: LabRequest): Reply {
    if (request.method !== 'PUT') return emptyReply(405)
    // A proxy that was tricked into forwarding a request would add this header.
    if (headerOf(request, 'x-forwarded-for') !== undefined) return emptyReply(403)
    const ttl = headerOf(request, 'x-aws-ec2-metadata-token-ttl-seconds') ?? ''
    const ttlSeconds = Number(ttl)
    if (!/^\d+$/.test(ttl) || ttlSeconds < 1 || ttlSeconds > 21_600) return emptyReply(400)
    const token = randomBytes(40).toString('base64')
    this.#tokens.set(token, this.#world.now() + ttlSeconds * 1_000)
    return textReply(token, { 'x-aws-ec2-metadata-token-ttl-seconds': ttl })
  }

  #read(path: string, role: LabRole): string | undefined {
    const { id, region } = this.#instance
    switch (path) {
      case '/latest/meta-data/iam/security-credentials':
        return role.name
      case `/latest/meta-data/iam/security-credentials/${role.name}`:
        return JSON.stringify(this.#credentials(role), null, 2)
      case '/latest/meta-data/placement/region':
        return region
      case '/latest/meta-data/instance-id':
        return id
      case '/latest/dynamic/instance-identity/document':
        return JSON.stringify({ accountId: role.account, instanceId: id, region, version: '2017-09-30' }, null, 2)
      default:
        return undefined
    }
  }

  #credentials(role: LabRole): Record<string, string> {
    const nowMs = this.#world.now()
    if (this.#session === undefined || this.#session.expiresAtMs - nowMs < renewedAheadMs) {
      this.#session = this.#world.sessions.open(role, {
        sessionName: this.#instance.id,
        expiresAtMs: nowMs + lifetimeMs,
      })
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiresAtMs } = this.#session
    return {
      Code: 'Success',
      LastUpdated: isoSeconds(nowMs),
      Type: 'AWS-HMAC',
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: isoSeconds(expiresAtMs),
    }
  }
}

/** Returns an instance whose ID is derived from its role. */
export function instanceOf(roleArn: string, region: string): Instance {
  return { id: `i-0${derivedId('', roleArn).toLowerCase()}`, region, roleArn }
}

const lifetimeMs = 6 * 3_600_000
const renewedAheadMs = 5 * 60_000

function textReply(text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers: { 'content-type': 'text/plain', ...headers }, body: Buffer.from(text) }
}

function isoSeconds(instantMs: number): string {
  return new Date(instantMs).toISOString().replace(/\.\d{3}/, '')
}
