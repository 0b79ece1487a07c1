import { labAccounts, labBucket, labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import type { PolicyStatement } from '../../../../src/lab/evaluate-policy.ts'
import type { AccountId } from '../../../../src/trail/account-id.ts'
import { entryB, entryZ } from '../doctor-world.ts'
import { adds, config } from '../expected-fix.ts'
import { allow, bPrefix, lists, readsB, setPolicies } from '../lab-policies.ts'
import { addPolicies, fillIn, writeConfig } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const archive = 'log-archive'
const inArchive = { bucket: archive }
const ownPattern = `${bPrefix}*`
const archiveOwner = '555555555555' as AccountId
const byB = { Principal: { AWS: labRoles.B } }
/** If a listing is refused without a reason, the cause may also be requester pays or the trail's layout. */
const layout = [config('trail.requesterPays'), config('trail.prefix'), config('trail.organization')]

/** Adds a bucket of a third account with the same logs. */
function addArchive(lab: Lab, ...policy: readonly PolicyStatement[]): void {
  const to = lab.addBucket({ name: archive, owner: archiveOwner, region: 'us-east-1', policy: { Statement: policy } })
  for (const key of lab.bucket().keys()) to.put(key, lab.bucket().get(key)?.body ?? '')
}

export const bucketSetUps: readonly WrongSetUp[] = [
  {
    title: 'says to correct trail.bucket if the bucket does not exist',
    entry: entryB,
    trail: { bucket: 'no-such-bucket' },
    step: 'bucket',
    code: 'bucket.not-found',
    sides: ['config'],
    line: /no-such-bucket.* was refused with 404/,
    fixes: [config('trail.bucket')],
    mend: fillIn({ 'trail.bucket': labBucket }),
  },
  {
    title: 'suggests the account of the role as owner',
    entry: entryZ,
    trail: { owner: '999999999999' },
    step: 'bucket',
    code: 'access.list-denied',
    sides: ['config', 'owner'],
    line: /ListObjectsV2 of s3:\/\/example-cloudtrail-logs\/AWSLogs\/ was refused with 403/,
    fixes: [
      config('trail.owner', labAccounts.A),
      adds('role', labRoles.Z, lists(labBucket, 'AWSLogs/*')),
      adds('bucket', `arn:aws:s3:::${labBucket}`, {
        Principal: { AWS: labRoles.Z },
        ...lists(labBucket, 'AWSLogs/*'),
      }),
      ...layout,
    ],
    mend: writeConfig,
  },
  {
    title: 'says to check trail.owner if it does not own the bucket',
    entry: entryB,
    trail: inArchive,
    spoil: ({ lab }) => {
      const policy = [allow({ ...byB, ...lists(archive, ownPattern) }), allow({ ...readsB(archive), ...byB })]
      addArchive(lab, ...policy)
      setPolicies(lab, labRoles.B, allow(lists(archive, ownPattern)), allow(readsB(archive)))
    },
    step: 'bucket',
    code: 'access.list-denied',
    sides: ['config', 'owner'],
    line: /s3:\/\/log-archive\/AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [config('trail.owner'), adds('role', labRoles.B, lists(archive, ownPattern)), ...layout],
    mend: fillIn({ 'trail.owner': archiveOwner }),
  },
  {
    title: 'prints the bucket policy as well for a bucket of a third account',
    entry: entryB,
    trail: { ...inArchive, owner: archiveOwner },
    spoil: ({ lab }) => {
      addArchive(lab, allow({ ...readsB(archive), ...byB }))
      setPolicies(lab, labRoles.B, allow(readsB(archive)))
    },
    step: 'bucket',
    code: 'access.list-denied',
    sides: ['config', 'owner'],
    line: /s3:\/\/log-archive\/AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [
      config('trail.owner', labAccounts.A),
      adds('role', labRoles.B, lists(archive, ownPattern)),
      adds('bucket', `arn:aws:s3:::${archive}`, { ...byB, ...lists(archive, ownPattern) }),
      ...layout,
    ],
    mend: addPolicies,
  },
  {
    title: 'warns of a bucket in another region, with that region',
    entry: entryB,
    trail: { region: 'eu-west-1' },
    step: 'bucket',
    status: 'warning',
    code: 'bucket.other-region',
    sides: ['config'],
    line: /s3:\/\/example-cloudtrail-logs is in us-east-1, not in eu-west-1/,
    fixes: [config('trail.region', 'us-east-1')],
    mend: writeConfig,
  },
  {
    title: 'says to set trail.requesterPays if the role may read that setting',
    entry: entryZ,
    spoil: ({ lab }) => (lab.bucket().requesterPays = true),
    step: 'bucket',
    code: 'access.list-denied',
    sides: ['config'],
    line: /was refused with 403/,
    fixes: [config('trail.requesterPays', 'true')],
    mend: writeConfig,
  },
]
