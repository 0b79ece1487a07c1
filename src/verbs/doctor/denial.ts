/** Whose policy is at fault, as far as AWS's words tell. */
export type DenialCause =
  | 'identity-missing'
  | 'resource-missing'
  | 'session-missing'
  | 'identity-deny'
  | 'resource-deny'
  | 'organization'
  | 'boundary'
  | 'unsaid'

/** What AWS says of a denial to callers of the owner's own account; to others it says nothing. */
export interface Denial {
  /** The right that was missing; undefined where it is not said. */
  readonly action: string | undefined
  /** The ARN it was missing on. */
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

const causes: readonly (readonly [RegExp, DenialCause])[] = [
  [/service control policy|resource control policy/i, 'organization'],
  [/permissions boundary/i, 'boundary'],
  [/explicit deny in an? (identity|session)-?based policy|explicit deny in a session policy/i, 'identity-deny'],
  [/explicit deny in a (resource-based|vpc endpoint) policy|resource-based policy explicitly denies/i, 'resource-deny'],
  [/no identity-based policy allows/i, 'identity-missing'],
  [/no resource-based polic(y|ies) allows?/i, 'resource-missing'],
  [/no session policy allows/i, 'session-missing'],
]
