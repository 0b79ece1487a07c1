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
/** Where a list is refused without a reason, whoever asks may have to pay, and the trail's layout may be wrong as well. */
const layout = [config('trail.requesterPays'), config('trail.prefix'), config('trail.organization')]

/** Another bucket with the same logs, of a third account. */
function addArchive(lab: Lab, ...policy: readonly PolicyStatement[]): void {
  const to = lab.addBucket({ name: archive, owner: archiveOwner, region: 'us-east-1', policy: { Statement: policy } })
  for (const key of lab.bucket().keys()) to.put(key, lab.bucket().get(key)?.body ?? '')
}

export const bucketSetUps: readonly WrongSetUp[] = [
  {
    title: 'a bucket that is not there is to be corrected in the config',
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
    title: 'an owner who is not that of the role is to be the account of the role',
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
    title: 'an owner who is another than that of the bucket is to be looked at',
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
    title: 'a bucket of a third account needs a bucket policy as well, and it is printed',
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
    title: 'a bucket of another region is warned of, with its region',
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
    title: 'requester pays that is not in the config is to be written, where the role may see it',
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
