import { labelExpected, labelPattern } from '../../config/names.ts'
import { type AwsProfiles, demandProfile, type ProfileAccess } from '../../config/profile-access.ts'
import { defaultSessionName } from '../../config/resolve.ts'
import { CrosstrailError } from '../../error.ts'
import type { Asker, Choice } from '../ask.ts'
import { askExternalId } from './ask-external-id.ts'
import { askField, words } from './ask-field.ts'
import type { Draft } from './draft.ts'
import type { ExternalIds } from './asked-external-ids.ts'

export function askLabel(draft: Draft, asker: Asker, proposal: string | undefined): Promise<string> {
  return asker.text({
    asks: 'A label for the account that reads the logs (its name on the command line)',
    proposal,
    check: (label) => {
      if (!labelPattern.test(label)) return `expected ${labelExpected}`
      return draft.has(['accounts', label]) ? 'an account with this label already exists' : undefined
    },
  })
}

export async function askAccount(
  draft: Draft,
  asker: Asker,
  label: string,
  externalIds: ExternalIds,
  profiles: AwsProfiles,
  profile: ProfileAccess | undefined,
): Promise<void> {
  const at = (field: string): string[] => ['accounts', label, field]
  await askField(draft, asker, { path: at('id'), asks: `The 12-digit id of account ${label}` })
  await askCredentials(draft, asker, at('credentials'), profiles)
  const profileRole = profile?.roles.at(-1)?.arn
  const isTold = profileRole !== undefined && profileRole === draft.at(at('role'))
  if (profile === undefined) {
    await askField(draft, asker, {
      path: at('via'),
      asks: 'Roles to assume first, in order, separated by commas. Empty for none',
      optional: true,
      read: words,
    })
  }
  await askField(draft, asker, { path: at('role'), asks: 'The ARN of the role that may read the bucket' })
  // A profile that names the role also has its external ID and MFA device
  if (!isTold) {
    await askExternalId(draft, asker, label, externalIds)
    await askField(draft, asker, {
      path: at('mfa'),
      asks: 'The ARN of the MFA device, if the role requires MFA. Empty for none',
      optional: true,
    })
  }
  await askReads(draft, asker, at('reads'))
  if (!draft.has(at('allow'))) {
    draft.set(at('allow'), await asker.chooseMany(`What may ${label} be used for?`, verbs, ['list', 'download']))
  }
  await askField(draft, asker, {
    path: at('sessionName'),
    asks: 'The session name that CloudTrail records',
    proposal: defaultSessionName(label),
  })
}

const verbs = [
  { value: 'list', says: 'list' },
  { value: 'download', says: 'download, pull' },
  { value: 'copy', says: 'copy to another bucket' },
  { value: 'delete', says: 'delete' },
  { value: 'verify', says: 'verify that logs are complete and unchanged' },
] as const

const sources: readonly Choice<'profile' | 'sso' | 'ec2' | 'ecs' | 'env' | 'process' | 'chain'>[] = [
  { value: 'profile', says: 'a profile of the AWS tools' },
  { value: 'sso', says: 'a profile that signs in with IAM Identity Center' },
  { value: 'ec2', says: "the role of this EC2 instance's profile" },
  { value: 'ecs', says: 'the role of this ECS task or EKS pod' },
  { value: 'env', says: 'environment variables: AWS_ACCESS_KEY_ID …' },
  { value: 'process', says: 'a command that prints credentials' },
  { value: 'chain', says: 'the default chain of the AWS SDK' },
]

async function askCredentials(
  draft: Draft,
  asker: Asker,
  path: readonly string[],
  profiles: AwsProfiles,
): Promise<void> {
  if (draft.has(path)) return
  const source = await asker.choose('Where do the first credentials come from?', sources, 'profile')
  switch (source) {
    case 'profile':
    case 'sso':
      return askField(draft, asker, {
        path,
        asks: 'The name of the profile',
        read: (name) => ({ [source]: name }),
        check: (name) => unknownProfile(name, profiles),
      })
    case 'process':
      return askField(draft, asker, {
        path,
        asks: 'The command that prints credentials',
        read: (command) => ({ process: command }),
      })
    case 'chain':
    case 'env':
    case 'ec2':
    case 'ecs':
      draft.set(path, { [source]: true })
  }
}

function unknownProfile(name: string, profiles: AwsProfiles): string | undefined {
  try {
    demandProfile(name, profiles)
    return undefined
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    return [error.message, error.hint].filter(Boolean).join('; ')
  }
}

async function askReads(draft: Draft, asker: Asker, path: readonly string[]): Promise<void> {
  if (draft.has(path)) return
  const whose = await asker.choose(
    'Whose logs does it read?',
    [
      { value: 'own', says: 'its own logs' },
      { value: 'all', says: 'the logs of all accounts in the bucket' },
      { value: 'some', says: 'the logs of some accounts' },
    ],
    'own',
  )
  if (whose !== 'some') return draft.set(path, whose)
  await askField(draft, asker, { path, asks: 'The 12-digit ids of those accounts, separated by commas', read: words })
}
