import { labAccounts, labBucket, labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import type { PolicyStatement } from '../../../../src/lab/evaluate-policy.ts'
import type { AccountId } from '../../../../src/trail/account-id.ts'
import { entryZ } from '../doctor-world.ts'
import { adds, words } from '../expected-fix.ts'
import { roleOf } from '../kept-lab.ts'
import { allow, bucketArn } from '../lab-policies.ts'
import { addPolicies, asSaid } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const archive = 'z-archive'
const archiveArn = `arn:aws:s3:::${archive}`
const deleting = { ...entryZ, allow: ['list', 'download', 'delete'] }
const copying = { ...entryZ, allow: ['list', 'download', 'copy'] }
const toCopies = `--to s3://${labBucket}/copies`
const toArchive = `--to s3://${archive}/copies --to-owner ${labAccounts.Z}`

/** The role may do everything but these actions. */
function allBut(lab: Lab, ...NotAction: readonly string[]): void {
  roleOf(lab, labRoles.Z).policies = [{ Statement: { Effect: 'Allow', NotAction, Resource: '*' } }]
}

function denies(lab: Lab, Action: string): void {
  lab.bucket().policy = { Statement: { Effect: 'Deny', Principal: '*', Action, Resource: `${bucketArn}/*` } }
}

const lists = (arn: string) => ({
  Action: 's3:ListBucket',
  Resource: arn,
  Condition: { StringLike: { 's3:prefix': 'copies/*' } },
})
const reads = (arn: string) => ({ Action: 's3:GetObject', Resource: `${arn}/copies/*` })
const stores = (arn: string) => ({
  Action: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'],
  Resource: `${arn}/copies/*`,
})
const deletes = { Action: 's3:DeleteObject', Resource: `${bucketArn}/AWSLogs/*` }
const knowsProtection = {
  Action: ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'],
  Resource: bucketArn,
}
const byZ = { Principal: { AWS: labRoles.Z } }
const seeOwner = words('config', 'check that --to-owner owns the bucket')

function addArchive(lab: Lab, owner: AccountId, ...policy: readonly PolicyStatement[]): void {
  const more = policy.length === 0 ? {} : { policy: { Statement: policy } }
  lab.addBucket({ name: archive, owner, region: 'us-east-1', ...more })
}
const ofZ = (statement: Parameters<typeof allow>[0]) => allow({ ...byZ, ...statement })

const refusedPut = {
  entry: copying,
  args: toCopies,
  step: 'put',
  code: 'access.put-denied',
  sides: ['owner'],
  line: /PutObject of s3:\/\/example-cloudtrail-logs\/copies\/crosstrail-doctor-[0-9a-f]+ was refused with 403/,
} satisfies Partial<WrongSetUp>

const refusedDelete = {
  entry: deleting,
  step: 'delete',
  code: 'access.delete-denied',
  sides: ['owner'],
  line: /DeleteObject of s3:\/\/example-cloudtrail-logs\/AWSLogs\/.*\/crosstrail-doctor-[0-9a-f]+ was refused with 403/,
} satisfies Partial<WrongSetUp>

export const writeSetUps: readonly WrongSetUp[] = [
  {
    ...refusedPut,
    title: 'gives a role that may not put copies that right below the prefix of copies',
    spoil: ({ lab }) => allBut(lab, 's3:PutObject'),
    fixes: [adds('role', labRoles.Z, stores(bucketArn))],
    mend: addPolicies,
  },
  {
    ...refusedPut,
    title: 'gives a role that may put only elsewhere the right for the prefix of copies',
    spoil: ({ lab }) => {
      allBut(lab, 's3:PutObject')
      const role = roleOf(lab, labRoles.Z)
      const Resource = `${bucketArn}/other/*`
      role.policies = [...role.policies, { Statement: { Effect: 'Allow', Action: 's3:PutObject', Resource } }]
    },
    fixes: [adds('role', labRoles.Z, stores(bucketArn))],
    mend: addPolicies,
  },
  {
    ...refusedPut,
    title: 'says to remove the Deny of a bucket policy that denies to put',
    spoil: ({ lab }) => denies(lab, 's3:PutObject'),
    fixes: [words('owner', 'remove the Deny of s3:PutObject on')],
    mend: asSaid(({ lab }) => (lab.bucket().policy = undefined)),
  },
  {
    ...refusedPut,
    title: 'gives a role that may not list the target every right that copies need there',
    entry: { ...copying, reads: [labAccounts.Z] },
    spoil: ({ lab }) => {
      addArchive(lab, labAccounts.A)
      const Resource = [bucketArn, `${bucketArn}/*`]
      roleOf(lab, labRoles.Z).policies = [{ Statement: { Effect: 'Allow', Action: 's3:*', Resource } }]
    },
    args: `--to s3://${archive}/copies`,
    code: 'access.list-denied',
    line: /ListObjectsV2 of s3:\/\/z-archive\/copies\/ was refused with 403/,
    fixes: [lists, reads, stores].map((need) => adds('role', labRoles.Z, need(archiveArn))),
    mend: addPolicies,
  },
  {
    ...refusedPut,
    title: 'prints each statement for both role and bucket if a target of another account allows nobody',
    args: toArchive,
    spoil: ({ lab }) => addArchive(lab, labAccounts.Z),
    code: 'access.list-denied',
    sides: ['config', 'owner'],
    line: /ListObjectsV2 of s3:\/\/z-archive\/copies\/ was refused with 403/,
    fixes: [
      seeOwner,
      ...[lists, reads, stores].flatMap((need) => [
        adds('role', labRoles.Z, need(archiveArn)),
        adds('bucket', archiveArn, { ...byZ, ...need(archiveArn) }),
      ]),
    ],
    mend: addPolicies,
  },
  {
    ...refusedPut,
    title: 'prints the right to put for both sides if the role may only list the target',
    args: toArchive,
    spoil: ({ lab }) => {
      addArchive(lab, labAccounts.Z, ofZ({ Action: 's3:ListBucket', Resource: archiveArn }), ofZ(reads(archiveArn)))
      roleOf(lab, labRoles.Z).policies = [
        ...roleOf(lab, labRoles.Z).policies,
        { Statement: [lists(archiveArn), reads(archiveArn)].map((each) => ({ Effect: 'Allow', ...each }) as const) },
        { Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: archiveArn } },
      ]
    },
    sides: ['config', 'owner'],
    line: /PutObject of s3:\/\/z-archive\/copies\/crosstrail-doctor-[0-9a-f]+ was refused with 403/,
    fixes: [
      seeOwner,
      adds('role', labRoles.Z, stores(archiveArn)),
      adds('bucket', archiveArn, { ...byZ, ...stores(archiveArn) }),
    ],
    mend: addPolicies,
  },
  {
    ...refusedPut,
    title: 'says to check --to-owner if it does not own the target',
    args: `--to s3://${archive}/copies`,
    spoil: ({ lab }) => {
      addArchive(lab, labAccounts.Z, ...[lists, reads, stores].map((need) => ofZ(need(archiveArn))))
      allBut(lab, 's3:Nothing')
    },
    code: 'access.list-denied',
    sides: ['config', 'owner'],
    line: /ListObjectsV2 of s3:\/\/z-archive\/copies\/ was refused with 403/,
    fixes: [seeOwner, ...[lists, reads, stores].map((need) => adds('role', labRoles.Z, need(archiveArn)))],
    mend: asSaid(() => undefined, { args: toArchive }),
  },
  {
    ...refusedPut,
    title: 'says to check --to if the target does not exist',
    args: '--to s3://no-such-bucket/copies',
    code: 'bucket.not-found',
    sides: ['config'],
    line: /ListObjectsV2 of s3:\/\/no-such-bucket\/copies\/ was refused with 404/,
    fixes: [words('config', 'check --to, --to-owner and --to-region')],
    mend: asSaid(() => undefined, { args: toCopies }),
  },
  {
    ...refusedPut,
    title: "gives a role that may not use the target's KMS key that right through S3 only",
    spoil: ({ lab }) => {
      const keyArn = 'arn:aws:kms:us-east-1:111111111111:key/11111111-2222-4333-8444-000000000009'
      const message = `User: ${labRoles.Z} is not authorized to perform: kms:GenerateDataKey on resource: ${keyArn} because no identity-based policy allows the kms:GenerateDataKey action`
      lab.setFaults({
        hook: ({ operation }) =>
          operation === 'PutObject' && !JSON.stringify(roleOf(lab, labRoles.Z).policies).includes(keyArn)
            ? { status: 403, code: 'AccessDenied', message }
            : undefined,
      })
    },
    code: 'access.kms-denied',
    fixes: [
      adds('role', labRoles.Z, {
        Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
        Resource: 'arn:aws:kms:us-east-1:111111111111:key/11111111-2222-4333-8444-000000000009',
        Condition: { StringLike: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      }),
    ],
    mend: addPolicies,
  },
  {
    title: 'gives a role that deletes and may not read versioning the rights that delete needs to know',
    entry: deleting,
    spoil: ({ lab }) => allBut(lab, 's3:GetBucketVersioning'),
    step: 'settings',
    code: 'access.protection-denied',
    sides: ['owner'],
    line: /GetBucketVersioning of example-cloudtrail-logs was refused with 403/,
    fixes: [adds('role', labRoles.Z, knowsProtection)],
    mend: addPolicies,
  },
  {
    title: 'gives a role that deletes and may not read Object Lock the rights that delete needs to know',
    entry: deleting,
    spoil: ({ lab }) => allBut(lab, 's3:GetBucketObjectLockConfiguration'),
    step: 'settings',
    code: 'access.protection-denied',
    sides: ['owner'],
    line: /GetObjectLockConfiguration of example-cloudtrail-logs was refused with 403/,
    fixes: [adds('role', labRoles.Z, knowsProtection)],
    mend: addPolicies,
  },
  {
    ...refusedDelete,
    title: 'gives a role that may not delete that right for logs only',
    spoil: ({ lab }) => allBut(lab, 's3:DeleteObject'),
    fixes: [adds('role', labRoles.Z, deletes)],
    mend: addPolicies,
  },
  {
    ...refusedDelete,
    title: "gives a role that deletes for one account the right for that account's logs only",
    entry: { ...deleting, reads: [labAccounts.B] },
    spoil: ({ lab }) => allBut(lab, 's3:DeleteObject', 's3:ListBucketVersions'),
    fixes: [adds('role', labRoles.Z, { ...deletes, Resource: `${bucketArn}/AWSLogs/${labAccounts.B}/*` })],
    mend: addPolicies,
  },
  {
    ...refusedDelete,
    title: 'says to remove the Deny of a bucket policy that denies to delete',
    spoil: ({ lab }) => denies(lab, 's3:DeleteObject'),
    fixes: [words('owner', 'remove the Deny of s3:DeleteObject on')],
    mend: asSaid(({ lab }) => (lab.bucket().policy = undefined)),
  },
]
