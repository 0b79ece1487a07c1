import type { CrosstrailError, ErrorCode } from '../../error.ts'

export type DenialCause =
  | 'identity-missing'
  | 'resource-missing'
  | 'session-missing'
  | 'identity-deny'
  | 'resource-deny'
  /** A service control policy of the caller's account. */
  | 'organization'
  /** A resource control policy of the account that owns the resource. */
  | 'resource-control'
  | 'boundary'
  | 'endpoint'
  | 'unsaid'

/** What AWS says about a denial. It gives the reason only to callers in the owner's own account. */
export interface Denial {
  /** The missing right, or undefined if AWS does not name it. */
  readonly action: string | undefined
  readonly resource: string | undefined
  readonly cause: DenialCause
}

/**
 * Reads "… is not authorized to perform: s3:GetObject on resource: "arn:…" because no identity-based policy allows the … action".
 * The sentences are those of IAM's guide, under "Troubleshoot access denied error messages".
 */
export function readDenial(message: string): Denial {
  const [, action, rest = ''] = /not authorized to perform:? ([\w-]+:\w+)(.*)$/is.exec(message) ?? []
  const [, resource] = /on (?:the )?resource:? "?(arn:[^"\s]+)/i.exec(rest) ?? []
  return { action, resource, cause: causes.find(([pattern]) => pattern.test(message))?.[1] ?? 'unsaid' }
}

/** Returns whether S3 refused because a right is missing. S3 also answers 403 to archived objects, wrong signatures and wrong clocks. */
export function lacksRight({ code, facts }: CrosstrailError): boolean {
  return facts['status'] === 403 && !otherRefusals.has(code)
}

const otherRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'object.archived',
  'access.account-problem',
  'access.clock-skew',
  'access.invalid-key',
  'access.session-expired',
  'access.session-invalid',
  'access.wrong-signature',
  'network.foreign-answer',
])

const causes: readonly (readonly [RegExp, DenialCause])[] = [
  [/resource control policy/i, 'resource-control'],
  [/service control policy/i, 'organization'],
  [/permissions boundary/i, 'boundary'],
  [/vpc endpoint policy/i, 'endpoint'],
  // If KMS refuses another account's key, it lists three possible reasons in one sentence, so the cause is not known.
  [/does not exist in this region, no resource-based/i, 'unsaid'],
  [/explicit deny in an? (identity|session)-?based policy|explicit deny in a session policy/i, 'identity-deny'],
  [
    /explicit deny in (a resource-based|the role trust) policy|resource-based policy explicitly denies/i,
    'resource-deny',
  ],
  [/no identity-based policy allows/i, 'identity-missing'],
  [/no (resource-based|role trust) polic(y|ies) allows?/i, 'resource-missing'],
  [/no session policy allows/i, 'session-missing'],
]
