import type { CrosstrailError, ErrorCode } from '../../error.ts'

/** Whose policy is at fault, as far as AWS's words tell. */
export type DenialCause =
  | 'identity-missing'
  | 'resource-missing'
  | 'session-missing'
  | 'identity-deny'
  | 'resource-deny'
  /** A service control policy: of the account that calls. */
  | 'organization'
  /** A resource control policy: of the account that owns what is called. */
  | 'resource-control'
  | 'boundary'
  | 'endpoint'
  | 'unsaid'

/** What AWS says of a denial to callers of the owner's own account; to others it says nothing. */
export interface Denial {
  /** The right that was missing; undefined where it is not said. */
  readonly action: string | undefined
  readonly resource: string | undefined
  readonly cause: DenialCause
}

/**
 * Reads "… is not authorized to perform: s3:GetObject on resource: "arn:…" because no identity-based policy allows the … action", as IAM's guide
 * lists these sentences under "Troubleshoot access denied error messages".
 */
export function readDenial(message: string): Denial {
  const [, action, rest = ''] = /not authorized to perform:? ([\w-]+:\w+)(.*)$/is.exec(message) ?? []
  const [, resource] = /on (?:the )?resource:? "?(arn:[^"\s]+)/i.exec(rest) ?? []
  return { action, resource, cause: causes.find(([pattern]) => pattern.test(message))?.[1] ?? 'unsaid' }
}

/** Whether S3 refused for want of a right: its 403s tell of archived objects, wrong signatures and clocks as well. */
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
  // KMS gives three reasons in one sentence where another account's key is refused: none of them is known to be it.
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
