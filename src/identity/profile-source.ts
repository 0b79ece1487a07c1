import { CrosstrailError } from '../error.ts'
import type { SharedProfile, SharedProfiles } from './shared-files.ts'

/**
 * Refuses a profile, or one that it names as its source, that names a role and not where the role's first keys come from. The SDK would
 * leave the role out without a word; the AWS CLI refuses such a profile. Throws `config.profile-unusable`.
 */
export function refuseDroppedRole(name: string, profiles: SharedProfiles): void {
  for (const { at, profile } of wayOf(name, profiles)) {
    if (profile['role_arn'] === undefined) continue
    if (roleFields.some((field) => profile[field] !== undefined)) continue
    throw new CrosstrailError('config.profile-unusable', `the AWS profile ${at} names a role and no source for it`, {
      hint: 'the AWS CLI refuses it too: move role_arn to a profile of its own, whose source_profile is this one',
      facts: { profile: at },
    })
  }
}

const roleFields = ['source_profile', 'credential_source', 'web_identity_token_file']

/** The profile that signs in with `aws login`: the one that is named, or one that it names as its source. */
export function loginProfile(name: string, profiles: SharedProfiles): string | undefined {
  return wayOf(name, profiles).find(({ profile }) => profile['login_session'] !== undefined)?.at
}

/** A profile, its source, the source of that one and so on. */
function wayOf(name: string, profiles: SharedProfiles): readonly { at: string; profile: SharedProfile }[] {
  const way = new Map<string, SharedProfile>()
  for (let at: string | undefined = name; at !== undefined && !way.has(at);) {
    const profile: SharedProfile | undefined = profiles[at]
    if (profile === undefined) break
    way.set(at, profile)
    at = profile['source_profile']
  }
  return [...way].map(([at, profile]) => ({ at, profile }))
}
