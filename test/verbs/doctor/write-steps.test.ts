import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labBucket, labRoles } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryZ } from './doctor-world.ts'

let world: DoctorWorld
beforeAll(async () => {
  world = await doctorWorld({ sample: { objects: 60 } })
  const role = world.lab.iam.role(labRoles.Z)
  if (role !== undefined) role.policies = [{ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }]
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

const writer = { ...entryZ, allow: ['list', 'download', 'copy', 'delete'] }

test('skips the rights to write if the server answers 501 to conditional requests', async () => {
  const fault = { status: 501, code: 'NotImplemented', message: 'A header you provided implies functionality …' }
  world.lab.setFaults({ rules: [{ probability: 1, operations: ['DeleteObject', 'PutObject'], fault }] })
  const { of, code } = await world.examine({ Z: writer }, { args: `--to s3://${labBucket}/copies` })
  expect({ put: of('Z').put?.status, delete: of('Z').delete?.status, code }).toEqual({
    put: 'skipped',
    delete: 'skipped',
    code: 0,
  })
})
