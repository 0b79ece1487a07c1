import type { ProfileAccess, ProfileRole } from '../../config/profile-access.ts'
import { defaultSessionName } from '../../config/resolve.ts'
import { CrosstrailError } from '../../error.ts'
import { isRegion } from '../../trail/region.ts'
import type { Draft } from './draft.ts'
import { type ExternalIds, newExternalId } from './asked-external-ids.ts'
import type { InitArgs } from './init-args.ts'

export function placeTrail(draft: Draft, { trail }: InitArgs): void {
  placeFields(draft, ['trail'], trail)
}

/**
 * Puts an account into the draft: the fields of the profile, overridden by flags. If a flag names another role than the profile, the
 * profile's role is assumed first. Throws `usage.conflict`.
 */
export function placeAccount(
  draft: Draft,
  label: string,
  args: InitArgs,
  profile: ProfileAccess | undefined,
  externalIds: ExternalIds,
): void {
  const path = ['accounts', label]
  if (profile !== undefined) placeProfile(draft, label, profile, args.account.role, externalIds)
  placeFields(draft, path, args.account)
  const { externalIdVariable: variable, newExternalId: isNew } = args
  const present = variable === undefined ? undefined : externalIds.valueOf(variable)
  if (isNew) {
    if (present !== undefined) throw setAlready(variable)
    const fresh = { account: label, from: 'new', value: newExternalId() } as const
    draft.refer([...path, 'externalId'], externalIds.refer(fresh, variable))
  } else if (variable !== undefined) {
    const named = { account: label, from: 'set', value: present } as const
    draft.refer([...path, 'externalId'], externalIds.refer(named, variable))
  }
}

/** Writes the defaults into the draft, and removes an STS region that is the same as the trail's. */
export function placeDefaults(draft: Draft, label: string): void {
  const path = ['accounts', label]
  const defaults = {
    credentials: { chain: true },
    sessionName: defaultSessionName(label),
    reads: 'own',
    allow: ['list', 'download'],
  }
  for (const [name, value] of Object.entries(defaults))
    if (!draft.has([...path, name])) draft.set([...path, name], value)
  if (draft.at([...path, 'stsRegion']) === draft.at(['trail', 'region'])) draft.set([...path, 'stsRegion'], undefined)
}

function placeFields(draft: Draft, path: readonly string[], fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) draft.set([...path, name], value)
}

function placeProfile(
  draft: Draft,
  label: string,
  profile: ProfileAccess,
  askedRole: string | undefined,
  externalIds: ExternalIds,
): void {
  const path = ['accounts', label]
  const hops = [...profile.roles]
  const role = askedRole === undefined || askedRole === hops.at(-1)?.arn ? hops.pop() : undefined
  placeFields(draft, path, {
    id: callerAccount(profile),
    credentials: profile.credentials,
    role: role?.arn,
    sessionName: role?.sessionName,
    duration: role?.duration,
    mfa: profile.mfa,
    stsRegion: isRegion(profile.region ?? '') ? profile.region : undefined,
  })
  const refer = ({ profile: from, externalId: value }: ProfileRole, hop?: string) =>
    externalIds.refer({ account: label, hop, from: { profile: from }, value })
  if (role?.externalId !== undefined) draft.refer([...path, 'externalId'], refer(role))
  if (hops.length > 0) draft.set([...path, 'via'], hops.map(hopOf))
  for (const [at, hop] of hops.entries()) {
    if (hop.externalId !== undefined) draft.refer([...path, 'via', at, 'externalId'], refer(hop, hop.arn))
  }
}

function hopOf({ arn: role, externalId, sessionName, duration }: ProfileRole): unknown {
  const isPlain = externalId === undefined && sessionName === undefined && duration === undefined
  return isPlain ? role : { role, sessionName, duration }
}

/** The caller's account, if the profile contains it: SSO names it, and the ARN of a user's MFA device does. */
export function callerAccount({ accountId, mfa }: ProfileAccess): string | undefined {
  return accountId ?? /^arn:[\w-]+:iam::(\d{12}):mfa\//.exec(mfa ?? '')?.[1]
}

function setAlready(variable: string | undefined): CrosstrailError {
  return new CrosstrailError(
    'usage.conflict',
    `the variable ${variable} is already set, and --new-external-id would generate another ID`,
    {
      hint: 'remove --new-external-id to use the ID in the variable, or name another variable',
      facts: { variable },
    },
  )
}
