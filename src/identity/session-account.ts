/** Where the credentials come from that we have before we assume a role. */
export type SessionSource =
  | { readonly type: 'chain' | 'env' | 'ec2' }
  | { readonly type: 'ecs' }
  | { readonly type: 'profile' | 'sso'; readonly profile: string }
  | { readonly type: 'webIdentity'; readonly tokenFile: string; readonly role: string }
  | { readonly type: 'process'; readonly command: string }

export interface SessionHop {
  readonly role: string
  readonly externalId?: string | undefined
  readonly sessionName?: string | undefined
  readonly durationSeconds?: number | undefined
}

/** What a session needs to know of an account of the config. A resolved account has this shape. */
export interface SessionAccount extends SessionHop {
  readonly label: string
  readonly credentials: SessionSource
  readonly via: readonly SessionHop[]
  readonly sessionName: string
  /** The serial number or ARN of an MFA device. */
  readonly mfa?: string | undefined
  /** A command that prints the device's code. */
  readonly mfaProcess?: string | undefined
  readonly sourceIdentity?: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly stsRegion: string
}
