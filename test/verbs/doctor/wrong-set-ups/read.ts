import { labAccounts, labBucket, labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import type { AccountId } from '../../../../src/trail/account-id.ts'
import { entryB, entryZ } from '../doctor-world.ts'
import { adds, words } from '../expected-fix.ts'
import { roleOf } from '../kept-lab.ts'
import { allow, bPrefix, bucketArn, lists, readsB, setPolicies } from '../lab-policies.ts'
import { addPolicies, asSaid } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const listsB = allow(lists(labBucket, `${bPrefix}*`))
const twoPatterns = [`${bPrefix}*`, `AWSLogs/${labAccounts.C}/*`]
const twoPrefixes = { StringLike: { 's3:prefix': twoPatterns } }
const ofB = (lab: Lab) =>
  lab
    .bucket()
    .keys()
    .filter((key) => key.startsWith(bPrefix))

/** Makes S3 answer with a reason for which the lab has no policies. */
function answersReads(lab: Lab, reason: string): void {
  const message = `User: ${labRoles.B} is not authorized to perform: s3:GetObject on resource: "${bucketArn}/${bPrefix}x" ${reason}`
  const fault = { status: 403, code: 'AccessDenied', message }
  lab.setFaults({ rules: [{ probability: 1, operations: ['GetObject'], fault }] })
}

const refusedRead = {
  entry: entryB,
  step: 'read',
  code: 'access.object-denied',
  sides: ['owner'],
  line: /GetObject of s3:\/\/example-cloudtrail-logs\/AWSLogs\/222222222222\/.* was refused with 403/,
} satisfies Partial<WrongSetUp>

/** Removes all logs of B but one of that day. The digests stay. */
function leaveOneLog(lab: Lab, atMs: number): void {
  const bucket = lab.bucket()
  const logs = ofB(lab).filter((key) => !key.includes('/CloudTrail-Digest/'))
  for (const key of logs) bucket.delete(key)
  const stamp = new Date(atMs).toISOString()
  const [day = ''] = stamp.split('T')
  const name = `${labAccounts.B}_CloudTrail_us-east-1_${stamp.replaceAll(/[-:]/g, '').slice(0, 13)}Z_aBcDeFgHiJkLmNoP.json.gz`
  bucket.put(`${bPrefix}CloudTrail/us-east-1/${day.replaceAll('-', '/')}/${name}`, 'one log')
}

const dayMs = 86_400_000
const archive = 'log-archive'
const archiveOwner = '555555555555' as AccountId

export const readSetUps: readonly WrongSetUp[] = [
  {
    ...refusedRead,
    title: 'gives a role without s3:GetObject that right for its own logs',
    spoil: ({ lab }) => setPolicies(lab, labRoles.B, listsB),
    fixes: [adds('role', labRoles.B, readsB())],
    mend: addPolicies,
  },
  {
    ...refusedRead,
    title: 'gives a role that may read the logs of others the right for its own',
    spoil: ({ lab }) =>
      setPolicies(
        lab,
        labRoles.B,
        listsB,
        allow({ Action: 's3:GetObject', Resource: `${bucketArn}/AWSLogs/${labAccounts.C}/*` }),
      ),
    fixes: [adds('role', labRoles.B, readsB())],
    mend: addPolicies,
  },
  {
    ...refusedRead,
    title: 'gives a role for a bucket with a similar name the right for this one',
    spoil: ({ lab }) => setPolicies(lab, labRoles.B, listsB, allow({ ...readsB(), Resource: `${bucketArn}-old/*` })),
    fixes: [adds('role', labRoles.B, readsB())],
    mend: addPolicies,
  },
  {
    ...refusedRead,
    title: 'says to remove the Deny of a bucket policy that denies reading',
    spoil: ({ lab }) => {
      const Resource = `${bucketArn}/*`
      lab.bucket().policy = { Statement: { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource } }
    },
    fixes: [words('owner', 'remove the Deny of s3:GetObject on')],
    mend: asSaid(({ lab }) => (lab.bucket().policy = undefined)),
  },
  {
    ...refusedRead,
    title: "says to remove a Deny from the role's own policies",
    spoil: ({ lab }) => {
      const role = roleOf(lab, labRoles.B)
      role.policies = [...role.policies, { Statement: { Effect: 'Deny', Action: 's3:GetObject', Resource: '*' } }]
    },
    fixes: [words('owner', `from the policies of ${labRoles.B}`)],
    mend: asSaid(({ lab }) => (roleOf(lab, labRoles.B).policies = roleOf(lab, labRoles.B).policies.slice(0, -1))),
  },
  {
    ...refusedRead,
    title: 'says to extend a permissions boundary',
    spoil: ({ lab }) => answersReads(lab, 'because no permissions boundary allows the s3:GetObject action'),
    fixes: [words('owner', `the permissions boundary of ${labRoles.B} does not allow s3:GetObject`)],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...refusedRead,
    title: "says to ask the organization's administrators about a resource control policy of the bucket's account",
    spoil: ({ lab }) => answersReads(lab, 'with an explicit deny in a resource control policy'),
    fixes: [words('owner', `a resource control policy of ${labAccounts.A} denies s3:GetObject`)],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...refusedRead,
    title: "says to extend the policy of the caller's VPC endpoint",
    spoil: ({ lab }) => answersReads(lab, 'because no VPC endpoint policy allows the s3:GetObject action'),
    sides: ['caller'],
    fixes: [words('caller', 'the policy of a VPC endpoint between you and AWS denies s3:GetObject')],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...refusedRead,
    title: 'prints both statements for a bucket of a third account that the role may list but not read',
    trail: { bucket: archive, owner: archiveOwner },
    spoil: ({ lab }) => {
      const listsArchive = { ...listsB, Resource: `arn:aws:s3:::${archive}` }
      const policy = { Statement: { ...listsArchive, Principal: { AWS: labRoles.B } } }
      const bucket = lab.addBucket({ name: archive, owner: archiveOwner, region: 'us-east-1', policy })
      for (const key of ofB(lab)) bucket.put(key, lab.bucket().get(key)?.body ?? '')
      setPolicies(lab, labRoles.B, listsArchive)
    },
    line: /GetObject of s3:\/\/log-archive\/AWSLogs\/222222222222\/.* was refused with 403/,
    fixes: [
      adds('role', labRoles.B, { ...readsB(), Resource: `arn:aws:s3:::${archive}/${bPrefix}*` }),
      adds('bucket', `arn:aws:s3:::${archive}`, {
        Principal: { AWS: labRoles.B },
        ...readsB(),
        Resource: `arn:aws:s3:::${archive}/${bPrefix}*`,
      }),
    ],
    mend: addPolicies,
  },
  {
    ...refusedRead,
    title: 'gives a role that may list the logs of two accounts and read those of one the right for both',
    entry: { ...entryB, reads: [labAccounts.B, labAccounts.C] },
    spoil: ({ lab }) =>
      setPolicies(
        lab,
        labRoles.B,
        allow({ Action: 's3:ListBucket', Resource: bucketArn, Condition: twoPrefixes }),
        allow(readsB()),
      ),
    line: /GetObject of s3:\/\/example-cloudtrail-logs\/AWSLogs\/333333333333\/.* was refused with 403/,
    fixes: [
      adds('role', labRoles.B, { ...readsB(), Resource: twoPatterns.map((pattern) => `${bucketArn}/${pattern}`) }),
    ],
    mend: addPolicies,
  },
  {
    title: 'warns of a role that copies but may not read tags, with the right',
    entry: { ...entryZ, allow: ['list', 'download', 'copy'] },
    spoil: ({ lab }) => {
      const all = [bucketArn, `${bucketArn}/*`]
      const Action = ['s3:GetObject', 's3:ListBucket']
      roleOf(lab, labRoles.Z).policies = [{ Statement: allow({ Action, Resource: all }) }]
    },
    step: 'tagging',
    status: 'warning',
    code: 'access.tagging-denied',
    sides: ['owner'],
    line: /the role may not read tags, so logs that have tags cannot be copied/,
    fixes: [adds('role', labRoles.Z, { Action: 's3:GetObjectTagging', Resource: `${bucketArn}/AWSLogs/*` })],
    mend: addPolicies,
  },
  {
    title: 'warns if the newest log is a month old',
    entry: entryB,
    spoil: ({ lab }) => leaveOneLog(lab, Date.now() - 30 * dayMs),
    step: 'fresh',
    status: 'warning',
    code: 'trail.stale',
    sides: ['owner'],
    line: /newest log of .*Z \(30 days ago\); events, digest in 1 region/,
    fixes: [words('owner', 'check that the trail is logging')],
    mend: asSaid(({ lab }) => leaveOneLog(lab, Date.now() - 60_000)),
  },
  {
    title: 'warns of a trail without digests, with the command that turns them on',
    entry: entryB,
    spoil: ({ lab }) => {
      for (const key of ofB(lab).filter((each) => each.includes('/CloudTrail-Digest/'))) lab.bucket().delete(key)
    },
    step: 'validation',
    status: 'warning',
    code: 'trail.no-digests',
    sides: ['owner'],
    line: /log file validation seems off/,
    fixes: [words('owner', '--enable-log-file-validation')],
    mend: asSaid(
      ({ lab }) => void lab.bucket().put(`${bPrefix}CloudTrail-Digest/us-east-1/digest.json.gz`, 'a digest'),
    ),
  },
]
