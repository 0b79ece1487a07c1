import { labRoles } from '../../../../src/lab/fixture.ts'
import { entryB } from '../doctor-world.ts'
import { adds, words } from '../expected-fix.ts'
import { addPolicies, asSaid } from '../mend.ts'
import { alsoAllow } from '../lab-policies.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const entry = { ...entryB, allow: ['list', 'download', 'verify'] }
const listing = { Action: 'cloudtrail:ListPublicKeys', Resource: '*' }

export const keysSetUps: readonly WrongSetUp[] = [
  {
    title: 'gives the role or the caller the right to list public keys',
    entry,
    step: 'keys',
    code: 'access.list-public-keys-denied',
    sides: ['owner', 'caller'],
    line: /may not list CloudTrail's public keys in ap-southeast-2/,
    fixes: [adds('role', labRoles.B, listing), adds('caller', 'arn:aws:iam::222222222222:user/b-audit', listing)],
    mend: addPolicies,
  },
  {
    title: 'says that a region is not enabled',
    entry,
    spoil: ({ lab }) => {
      alsoAllow(lab, labRoles.B, listing)
      lab.publicKeys.closeRegion('eu-west-1')
    },
    step: 'keys',
    code: 'access.region-not-enabled',
    sides: ['caller'],
    line: /the region eu-west-1 does not know arn:aws:sts::111111111111:assumed-role\/CloudTrailLogs-B/,
    fixes: [words('caller', expectedHint('eu-west-1'))],
    mend: asSaid(({ lab }) => lab.publicKeys.openRegion('eu-west-1')),
  },
]

function expectedHint(region: string): string {
  return `enable ${region} in that account; sessions from sts.amazonaws.com are not valid in such a region, so set stsRegion of account X to a region; or get the keys with other credentials and pass them with --keys`
}
