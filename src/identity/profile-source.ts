import { CrosstrailError } from '../error.ts'
import type { SharedProfile, SharedProfiles } from './shared-files.ts'

/**
 * Rejects a profile that names a role without the source of the role's first keys, also if it is the source of another profile. The SDK
 * would silently ignore the role; the AWS CLI rejects such a profile. Throws `config.profile-unusable`.
 */
export function refuseDroppedRole(name: string, profiles: SharedProfiles): void {
  for (const { at, profile } of wayOf(name, profiles)) {
    if (profile['role_arn'] === undefined) continue
    if (roleFields.some((field) => profile[field] !== undefined)) continue
    throw new CrosstrailError(
      'config.profile-unusable',
      `the AWS profile ${at} names a role but no source of keys for it`,
      {
        hint: 'the AWS CLI rejects it too: move role_arn to a separate profile and set its source_profile to this one',
        facts: { profile: at },
      },
    )
  }
}

const roleFields = ['source_profile', 'credential_source', 'web_identity_token_file']

/** Returns the profile that signs in with `aws login`: the named one, or one of its sources. */
export function loginProfile(name: string, profiles: SharedProfiles): string | undefined {
  return wayOf(name, profiles).find(({ profile }) => profile['login_session'] !== undefined)?.at
}

/** Returns a profile, its source, the source of that one and so on. */
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
