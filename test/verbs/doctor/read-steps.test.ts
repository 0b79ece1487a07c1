import { afterEach, beforeEach, expect, test } from 'vitest'
import { labAccounts } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryB } from './doctor-world.ts'

let world: DoctorWorld
beforeEach(async () => {
  world = await doctorWorld({ sample: { objects: 60 } })
})
afterEach(() => world.stop())

test.each([
  ['ObjectWriter', 1],
  ['BucketOwnerEnforced', 0],
] as const)(
  'with object ownership %s, a denied read for a role of another account prints %i hints about ownership',
  async (ownership, told) => {
    const role = 'arn:aws:iam::222222222222:role/Reader'
    const { lab } = world
    const { iam } = lab
    iam.addRole({
      account: labAccounts.B,
      name: 'Reader',
      trust: { Statement: { Effect: 'Allow', Principal: { AWS: labAccounts.B }, Action: 'sts:AssumeRole' } },
      policies: [{ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }],
    })
    lab.principals.bAudit.user.policies = [{ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role } }]
    const bucket = lab.bucket()
    bucket.ownership = ownership
    bucket.policy = {
      Statement: { Effect: 'Allow', Principal: { AWS: role }, NotAction: 's3:GetObject', Resource: '*' },
    }
    const { of } = await world.examine({ B: { ...entryB, role } })
    const words = of('B').read?.fixes.filter(({ type }) => type === 'words') ?? []
    expect({ status: of('B').read?.status, told: words.length }).toEqual({ status: 'failed', told })
  },
)

test('does not report a refused signature as a missing right', async () => {
  const fault = { status: 403, code: 'SignatureDoesNotMatch', message: 'The request signature we calculated …' }
  world.lab.setFaults({ rules: [{ probability: 1, operations: ['GetObject'], fault }] })
  const { of } = await world.examine({ B: entryB })
  expect(of('B').read).toMatchObject({ status: 'failed', code: 'access.wrong-signature', sides: ['machine'] })
})

test('does not report a log in an archive tier of Intelligent-Tiering as a missing right', async () => {
  const bucket = world.lab.bucket()
  for (const key of bucket.keys()) {
    bucket.put(key, bucket.get(key)?.body ?? '', { storageClass: 'INTELLIGENT_TIERING', isArchivedTier: true })
  }
  const { of, code } = await world.examine({ B: entryB })
  expect(of('B').read).toMatchObject({ status: 'skipped', fixes: [] })
  expect(code).toBe(0)
})
