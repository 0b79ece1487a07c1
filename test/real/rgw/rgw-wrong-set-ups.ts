import type { StepName } from '../../../src/verbs/doctor/step.ts'
import { adds, config, type ExpectedFix, refusedAlike, setting, words } from '../../verbs/doctor/expected-fix.ts'

/** A wrong set-up that RGW can have too. Each has its own role. */
export interface RgwWrongSetUp {
  readonly title: string
  readonly entry: object
  readonly wrongly?: object
  readonly trail?: object
  readonly args?: string
  readonly trusts: string
  readonly permissions: readonly object[]
  readonly step: StepName
  readonly status?: 'warning'
  readonly code: string
  readonly line: RegExp
  readonly fixes: (role: string) => readonly ExpectedFix[]
  /** Replaces the role's own policy, as a `words` fix says, before the printed statements are added. */
  readonly instead?: readonly object[]
  /** Returns the correct config. If missing, the printed statements are added on the store. */
  readonly rightly?: (entry: object, role: string) => { readonly entry?: object; readonly trail?: object }
}

const bucket = 'example-cloudtrail-logs'
const arn = `arn:aws:s3:::${bucket}`
const own = 'AWSLogs/222222222222/*'
const bRoot = 'arn:aws:iam::222222222222:root'
const zRoot = 'arn:aws:iam::444444444444:root'

const lists = (prefix: string) => ({
  Action: 's3:ListBucket',
  Resource: arn,
  Condition: { StringLike: { 's3:prefix': prefix } },
})
const readsOwn = { Action: 's3:GetObject', Resource: `${arn}/${own}` }
const allow = ({ Action, ...rest }: { Action: string | string[]; Resource: string | string[] }) => ({
  Effect: 'Allow',
  ...rest,
  Action: [Action].flat(),
})
const everyLog = { Action: ['s3:GetObject', 's3:DeleteObject', 's3:PutObject'], Resource: `${arn}/*` }
const everyList = {
  Action: ['s3:ListBucket', 's3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'],
  Resource: arn,
}
const without = (action: string) =>
  [everyLog, everyList].map(({ Action, ...rest }) => allow({ ...rest, Action: Action.filter((one) => one !== action) }))

const b = {
  entry: { id: '222222222222', credentials: { profile: 'b-audit' } },
  trusts: bRoot,
  permissions: [allow(readsOwn), allow(lists(own))],
}
const z = {
  entry: {
    id: '444444444444',
    credentials: { profile: 'z-audit' },
    reads: 'all',
    allow: ['list', 'download', 'delete'],
  },
  trusts: zRoot,
}
const copier = { ...z, entry: { ...z.entry, allow: ['list', 'download', 'copy'] }, args: `--to s3://${bucket}/copies` }
const hop = 'arn:aws:iam::333333333333:role/AssumeRoleInA'
const c = {
  entry: { id: '333333333333', via: [hop], credentials: { profile: 'c-instance' } },
  trusts: hop,
  permissions: [
    allow({ ...readsOwn, Resource: `${arn}/AWSLogs/333333333333/*` }),
    allow(lists('AWSLogs/333333333333/*')),
  ],
}
const layout = [config('trail.requesterPays'), config('trail.prefix'), config('trail.organization')]

/** RGW names neither the caller nor a reason. */
const holder = 'the user or role whose keys account X uses'
const refusedList = {
  ...b,
  step: 'bucket',
  code: 'access.list-denied',
  line: /ListObjectsV2 of .* was refused with 403/,
} as const

export const rgwWrongSetUps: readonly RgwWrongSetUp[] = [
  {
    ...b,
    title: 'a role that trusts another account',
    trusts: 'arn:aws:iam::333333333333:root',
    step: 'role',
    code: 'access.assume-role-denied',
    line: /refused account X/,
    fixes: (role) => refusedAlike(role, { holder, trusted: bRoot }, { mfa: true }),
  },
  {
    ...b,
    title: 'a role that trusts another user of the account',
    trusts: 'arn:aws:iam::222222222222:user/b-other',
    step: 'role',
    code: 'access.assume-role-denied',
    line: /refused account X/,
    fixes: (role) => refusedAlike(role, { holder, trusted: bRoot }, { mfa: true }),
  },
  {
    ...c,
    title: 'a role that trusts another role than the hop',
    trusts: 'arn:aws:iam::333333333333:role/Another',
    step: 'role',
    code: 'access.assume-role-denied',
    line: /refused account X/,
    fixes: (role) => refusedAlike(role, { kind: 'hop', holder: hop, trusted: hop }),
  },
  {
    ...c,
    title: 'a hop that does not exist',
    wrongly: { via: [`${hop}s`] },
    step: 'hop',
    code: 'access.sts-failed',
    line: /AssumeRole for account X failed with 404/,
    fixes: () => [config('accounts.X.via[0].role')],
    rightly: (entry) => ({ entry: { ...entry, via: [hop] } }),
  },
  {
    ...refusedList,
    title: 'a role without s3:ListBucket',
    permissions: [allow(readsOwn)],
    fixes: (role) => [config('trail.owner'), adds('role', role, lists(own)), ...layout],
  },
  {
    ...refusedList,
    title: 'a role that may list the prefix of others',
    permissions: [allow(readsOwn), allow(lists('AWSLogs/333333333333/*'))],
    fixes: (role) => [config('trail.owner'), adds('role', role, lists(own)), ...layout],
  },
  {
    ...refusedList,
    title: 'a wrong prefix of the trail',
    trail: { prefix: 'wrong' },
    fixes: (role) => [config('trail.owner'), adds('role', role, lists(`wrong/${own}`)), ...layout],
    rightly: () => ({ trail: { prefix: '' } }),
  },
  {
    ...refusedList,
    title: 'an organization id that no key has',
    trail: { organization: 'o-exampleorgid' },
    fixes: (role) => [
      config('trail.owner'),
      adds('role', role, lists('AWSLogs/o-exampleorgid/222222222222/*')),
      ...layout,
    ],
    rightly: () => ({ trail: {} }),
  },
  {
    ...b,
    title: 'a bucket that does not exist',
    trail: { bucket: 'no-such-bucket' },
    step: 'bucket',
    code: 'bucket.not-found',
    line: /no-such-bucket.* was refused with 404/,
    fixes: () => [config('trail.bucket')],
    rightly: () => ({ trail: {} }),
  },
  {
    ...b,
    title: 'a role without s3:GetObject',
    permissions: [allow(lists(own))],
    step: 'read',
    code: 'access.object-denied',
    line: /GetObject of .* was refused with 403/,
    fixes: (role) => [adds('role', role, readsOwn)],
  },
  {
    ...b,
    title: 'a role that may read the logs of others',
    permissions: [allow(lists(own)), allow({ ...readsOwn, Resource: `${arn}/AWSLogs/333333333333/*` })],
    step: 'read',
    code: 'access.object-denied',
    line: /GetObject of .* was refused with 403/,
    fixes: (role) => [adds('role', role, readsOwn)],
  },
  {
    ...z,
    title: 'a role that deletes and may not read versioning',
    permissions: without('s3:GetBucketVersioning'),
    step: 'settings',
    code: 'access.protection-denied',
    line: /GetBucketVersioning of example-cloudtrail-logs was refused with 403/,
    fixes: (role) => [
      adds('role', role, { Action: ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'], Resource: arn }),
    ],
  },
  {
    ...z,
    title: 'a role that may not delete',
    permissions: without('s3:DeleteObject'),
    step: 'delete',
    code: 'access.delete-denied',
    line: /DeleteObject of .* was refused with 403/,
    fixes: (role) => [adds('role', role, { Action: 's3:DeleteObject', Resource: `${arn}/AWSLogs/*` })],
  },
  {
    ...copier,
    title: 'a role that may not put copies',
    permissions: without('s3:PutObject'),
    step: 'put',
    code: 'access.put-denied',
    line: /PutObject of .*copies\/crosstrail-doctor-[0-9a-f]+ was refused with 403/,
    fixes: (role) => [
      words('config', 'check that --to-owner owns the bucket'),
      adds('role', role, {
        Action: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload'],
        Resource: `${arn}/copies/*`,
      }),
    ],
  },
  {
    ...b,
    title: "a role that may list others' names",
    permissions: [allow(readsOwn), allow({ Action: 's3:ListBucket', Resource: arn })],
    step: 'others',
    status: 'warning',
    code: 'access.lists-others',
    line: /the role can list the names of all accounts' logs, but the config says reads: own/,
    fixes: (role) => [
      words('owner', `allow s3:ListBucket to ${role} only with the condition below`),
      adds('role', role, lists(own)),
    ],
    instead: [allow(readsOwn)],
  },
  {
    ...b,
    title: 'two hours for a role that allows one',
    wrongly: { duration: '2h' },
    step: 'role',
    code: 'access.sts-failed',
    line: /AssumeRole for account X failed with 400/,
    fixes: (role) => [
      words('machine', '--no-session-policy'),
      config('accounts.X.duration', '1h'),
      setting('MaxSessionDuration', role, '7200'),
    ],
    rightly: (entry) => ({ entry: { ...entry, duration: '1h' } }),
  },
  {
    ...b,
    title: 'a role that does not exist',
    wrongly: { role: 'arn:aws:iam::111111111111:role/Nowhere' },
    step: 'role',
    code: 'access.sts-failed',
    line: /AssumeRole for account X failed with 404/,
    fixes: () => [config('accounts.X.role')],
    rightly: (entry, role) => ({ entry: { ...entry, role } }),
  },
]
