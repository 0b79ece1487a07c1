import { randomBytes } from 'node:crypto'
import { derivedId, type LabRole } from './iam.ts'
import type { PolicyDocument } from './evaluate-policy.ts'

/** Temporary credentials of a role, with their context. */
export interface LabSession {
  readonly role: LabRole
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly arn: string
  /** `AROA…:SESSION` */
  readonly userId: string
  readonly sessionName: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  expiresAtMs: number
  readonly policy?: PolicyDocument | undefined
  readonly mfaPresent: boolean
  readonly sourceIdentity?: string | undefined
  readonly tags: ReadonlyMap<string, string>
}

export interface NewSession {
  readonly sessionName: string
  readonly expiresAtMs: number
  readonly policy?: PolicyDocument | undefined
  readonly mfaPresent?: boolean
  readonly sourceIdentity?: string | undefined
  readonly tags?: ReadonlyMap<string, string>
}

/** All sessions that the lab has issued. Expired ones are kept, to distinguish them from unknown ones. */
export class Sessions {
  readonly #byAccessKeyId = new Map<string, LabSession>()

  open(role: LabRole, opening: NewSession): LabSession {
    const roleName = role.name.slice(role.name.lastIndexOf('/') + 1)
    const session: LabSession = {
      role,
      arn: `arn:aws:sts::${role.account}:assumed-role/${roleName}/${opening.sessionName}`,
      userId: `${derivedId('AROA', role.arn)}:${opening.sessionName}`,
      sessionName: opening.sessionName,
      accessKeyId: derivedId('ASIA', randomBytes(16).toString('hex')),
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(180).toString('base64'),
      expiresAtMs: opening.expiresAtMs,
      policy: opening.policy,
      mfaPresent: opening.mfaPresent ?? false,
      sourceIdentity: opening.sourceIdentity,
      tags: opening.tags ?? new Map(),
    }
    this.#byAccessKeyId.set(session.accessKeyId, session)
    return session
  }

  find(accessKeyId: string): LabSession | undefined {
    return this.#byAccessKeyId.get(accessKeyId)
  }

  /** Returns the secret keys and tokens of all sessions. */
  secrets(): readonly string[] {
    return [...this.#byAccessKeyId.values()].flatMap(({ secretAccessKey, sessionToken }) => [
      secretAccessKey,
      sessionToken,
    ])
  }

  /** Expires the sessions of one role, or all, now. Returns how many were still valid. */
  expire(nowMs: number, roleArn?: string): number {
    let count = 0
    for (const session of this.#byAccessKeyId.values()) {
      if (session.expiresAtMs <= nowMs || (roleArn !== undefined && session.role.arn !== roleArn)) continue
      session.expiresAtMs = nowMs
      count += 1
    }
    return count
  }
}
