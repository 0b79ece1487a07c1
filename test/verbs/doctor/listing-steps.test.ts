import { afterAll, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labRoles } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryB } from './doctor-world.ts'

let world: DoctorWorld
beforeAll(async () => {
  world = await doctorWorld({ sample: { objects: 60 } })
})
afterAll(() => world.stop())

const own = `AWSLogs/${labAccounts.B}/*`

test.each([
  ['its own prefix', [own], 'ok'],
  ['the whole bucket, but not the folder of accounts', [own, ''], 'warning'],
  ['the folder of accounts', [own, 'AWSLogs/'], 'warning'],
])('reports whether a role that may list %s can list the names of other accounts', async (_, prefixes, status) => {
  const role = world.lab.iam.role(labRoles.B)
  if (role === undefined) throw new Error('no role of B')
  role.policies = [
    { Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${labBucket}/${own}` } },
    {
      Statement: {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: `arn:aws:s3:::${labBucket}`,
        Condition: { StringLike: { 's3:prefix': prefixes } },
      },
    },
  ]
  const { of } = await world.examine({ B: entryB })
  expect(of('B').others?.status).toBe(status)
})
