import { afterEach, beforeEach, expect, test } from 'vitest'
import { labAccounts, labBucket, labRoles } from '../../../src/lab/fixture.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import { applyFixes } from './apply-fix.ts'
import { type AccountEntry, type DoctorWorld, doctorWorld, entryB, entryC, entryZ, mfaArgs } from './doctor-world.ts'
import type { StepName } from '../../../src/verbs/doctor/step.ts'

let world: DoctorWorld
beforeEach(async () => {
  world = await doctorWorld({ sample: { objects: 60 } })
})
afterEach(() => world.stop())

interface WrongSetup {
  readonly name: string
  readonly entry: AccountEntry
  readonly args?: string
  readonly breaks: (lab: Lab) => void
  readonly step: StepName
  readonly code: string
  /** The kinds of policy it prints. */
  readonly kinds: readonly string[]
}

const nobody = { Statement: { Effect: 'Deny', Principal: { AWS: '999999999999' }, Action: 'sts:AssumeRole' } } as const
const keyArn = 'arn:aws:kms:us-east-1:111111111111:key/11111111-2222-4333-8444-555555555555'
const otherKey = keyArn.replace('111111111111', '777777777777')

function roleOf(lab: Lab, arn: string) {
  const role = lab.iam.role(arn)
  if (role === undefined) throw new Error(`no role ${arn}`)
  return role
}

function encrypt(lab: Lab, kmsKeyArn: string): void {
  const bucket = lab.bucket()
  for (const key of bucket.keys()) bucket.put(key, bucket.get(key)?.body ?? '', { kmsKeyArn })
}

const allBut = (...actions: string[]) => [
  { Statement: { Effect: 'Allow', NotAction: actions, Resource: '*' } as const },
]

const setups: readonly WrongSetup[] = [
  {
    name: 'the trust policy names somebody else',
    entry: entryB,
    breaks: (lab) => (roleOf(lab, labRoles.B).trust = nobody),
    step: 'role',
    code: 'access.assume-role-denied',
    kinds: ['trust', 'caller'],
  },
  {
    name: 'the caller may not assume the role',
    entry: entryB,
    breaks: (lab) => (lab.principals.bAudit.user.policies = []),
    step: 'role',
    code: 'access.assume-role-denied',
    kinds: ['trust', 'caller'],
  },
  {
    name: 'the trust policy demands another external ID',
    entry: { ...entryZ, externalId: 'z-other' },
    breaks: () => undefined,
    step: 'role',
    code: 'access.external-id-refused',
    kinds: ['trust', 'caller'],
  },
  {
    name: 'a hop trusts another role than that of the instance',
    entry: entryC,
    breaks: (lab) => (roleOf(lab, labRoles.assumeRoleInA).trust = nobody),
    step: 'hop',
    code: 'access.assume-role-denied',
    kinds: ['trust', 'caller'],
  },
  {
    name: 'a hop may not assume the next role',
    entry: entryC,
    breaks: (lab) => (roleOf(lab, labRoles.assumeRoleInA).policies = []),
    step: 'role',
    code: 'access.assume-role-denied',
    kinds: ['trust', 'hop'],
  },
  {
    name: "the duration is above the role's maximum",
    entry: { ...entryZ, duration: '2h' },
    breaks: () => undefined,
    step: 'role',
    code: 'access.duration-too-long',
    kinds: [],
  },
  {
    name: 'the role may not list',
    entry: entryB,
    breaks: (lab) => (roleOf(lab, labRoles.B).policies = allBut('s3:ListBucket')),
    step: 'list',
    code: 'access.list-denied',
    kinds: ['role'],
  },
  {
    name: 'the role may not read',
    entry: entryB,
    breaks: (lab) => (roleOf(lab, labRoles.B).policies = allBut('s3:GetObject')),
    step: 'read',
    code: 'access.object-denied',
    kinds: ['role'],
  },
  {
    name: 'the role may not decrypt with a key of its account',
    entry: entryB,
    breaks: (lab) => encrypt(lab, keyArn),
    step: 'kms',
    code: 'access.kms-denied',
    kinds: ['role'],
  },
  {
    name: 'neither role nor key allow to decrypt, and the key is of another account',
    entry: entryB,
    breaks: (lab) => encrypt(lab, otherKey),
    step: 'kms',
    code: 'access.kms-denied',
    kinds: ['role', 'key'],
  },
  {
    name: 'the role may not delete',
    entry: { ...entryZ, allow: ['delete'] },
    breaks: (lab) => (roleOf(lab, labRoles.Z).policies = allBut('s3:DeleteObject')),
    step: 'delete',
    code: 'access.delete-denied',
    kinds: ['role'],
  },
  {
    name: 'the role may not know how the bucket keeps its objects',
    entry: { ...entryZ, allow: ['delete'] },
    breaks: (lab) => (roleOf(lab, labRoles.Z).policies = allBut('s3:GetBucketVersioning')),
    step: 'settings',
    code: 'access.protection-denied',
    kinds: ['role'],
  },
  {
    name: 'the role may not put copies',
    entry: { ...entryZ, allow: ['copy'] },
    args: `--to s3://${labBucket}/copies`,
    breaks: (lab) => (roleOf(lab, labRoles.Z).policies = allBut('s3:PutObject')),
    step: 'put',
    code: 'access.put-denied',
    kinds: ['role'],
  },
  {
    name: 'copies go to a bucket of another account, whose policy does not know the role',
    entry: { ...entryZ, allow: ['copy'] },
    args: `--to s3://z-archive/copies --to-owner ${labAccounts.Z}`,
    breaks: (lab) => {
      lab.addBucket({ name: 'z-archive', owner: labAccounts.Z, region: 'us-east-1' })
    },
    step: 'put',
    code: 'access.list-denied',
    kinds: ['role', 'bucket', 'role', 'bucket', 'role', 'bucket'],
  },
]

test.each(setups)('$name: told at its step, and mended by what is printed', async (setup) => {
  const { entry, breaks, step, code, kinds, args = mfaArgs } = setup
  breaks(world.lab)
  const sick = await world.examine({ X: entry }, { args })
  const failure = sick.of('X')[step]
  expect(failure).toMatchObject({ status: 'failed', code })
  expect(failure?.fixes.flatMap((fix) => (fix.type === 'policy' ? [fix.kind] : []))).toEqual(kinds)
  expect(failure?.tried).toBeDefined()
  expect(failure?.answer).toMatch(/^\d{3} /)
  expect(sick.code).toBe(3)
  expect(applyFixes(world.lab, failure?.fixes ?? [])).toBeGreaterThan(0)
  const healed = await world.examine({ X: entry }, { args })
  expect(healed.steps.filter(({ status }) => status === 'failed')).toEqual([])
  expect(healed.code).toBe(0)
})
