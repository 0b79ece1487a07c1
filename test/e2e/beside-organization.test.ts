import { afterAll, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const organization = 'o-exampleorgid'
const log = (base: string) =>
  `${base}/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0005Z_abcdefghij012345.json.gz`

let world: LabWorld
beforeAll(async () => {
  world = await labWorld()
  for (const base of ['AWSLogs', `AWSLogs/${organization}`]) world.lab.bucket().put(log(base), 'x')
})
afterAll(() => world.stop())

const config = () => world.configWith((text) => text.replace('trail:\n', `trail:\n  organization: ${organization}\n`))

test('a narrowed session for an organization sees that there are logs of single accounts beside it', async () => {
  const { exitCode, stdout, stderr } = await world.run(['list', 'Z', '--config', config()])
  expect({ exitCode, lines: stdout.split('\n').filter((line) => line.includes('_CloudTrail_')).length }).toEqual({
    exitCode: 0,
    lines: 1,
  })
  expect(stderr).toContain('AWSLogs/222222222222/ contain logs of single accounts beside those of the organization')
})

test('a session sees the names of these folders, but no key of a log in them', async () => {
  world.lab.requests.clear()
  await world.run(['list', 'Z', '--config', config()])
  const policies = world.lab.requests
    .recent()
    .filter(({ operation }) => operation === 'AssumeRole')
    .map(({ query }) => query.get('Policy') ?? '')
  expect(policies).not.toEqual([])
  for (const policy of policies) {
    expect(JSON.parse(policy)).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({ Condition: { StringEquals: { 's3:prefix': 'AWSLogs/', 's3:delimiter': '/' } } }),
      ]),
    })
  }
})
