import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { formatKey } from '../../src/trail/key.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60, kinds: ['events'], foreign: false } })
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

const since = ['--since', '2026-10-31', '--sweep', '0d']

test.each([
  ['list', () => []],
  ['download', () => ['--to', world.newPath()]],
  ['pull', () => ['--to', world.newPath(), ...since]],
] as const)('%s refuses a region that neither AWS nor the bucket has, and suggests one', async (verb, args) => {
  world.lab.requests.clear()
  const { exitCode, stdout, stderr } = await world.run([verb, 'Z', '--region', 'us-east-1,us-esat-1', ...args()])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toMatch(/AWS has no region us-esat-1.*\n.*did you mean us-east-1\?/)
  expect(world.lab.requests.count('GetObject')).toBe(0)
})

test('lists a region that only the bucket has, with a warning', async () => {
  const place = { logAccount: '222222222222' as AccountId, region: 'xx-newland-1', kind: 'events' } as const
  const key = formatKey({ ...place, deliveredAtMs: Date.UTC(2026, 10, 2), random: 'NewNewNewNewNew1' }, { prefix: '' })
  world.lab.bucket().put(key, 'x')
  const { exitCode, stdout, stderr } = await world.run(['list', 'Z', '--region', 'xx-newland-1', '--output', 'json'])
  world.lab.bucket().delete(key)
  expect(exitCode).toBe(0)
  expect(jsonLines(stdout).map((line) => line['key'])).toEqual([key])
  expect(stderr).toContain('AWS has no region xx-newland-1 that this version knows')
})

test.each([
  [['--region', 'eu-north-1'], 'the region eu-north-1 in the selected log accounts and kinds'],
  [['--log-account', '999999999999'], 'the log account 999999999999 in the selected regions and kinds'],
  [['--kind', 'aggregated'], 'the kind aggregated in the selected log accounts and regions'],
  [['--kind', 'aggregated,events'], 'the kind aggregated in the selected log accounts and regions'],
  [['--kind', 'events', '--region', 'eu-north-1'], 'the region eu-north-1'],
])('%j warns about a name that the bucket lacks, and a pull reports a finding', async (args, says) => {
  const listed = await world.run(['list', 'Z', ...args, '--last', '1000d'])
  expect(listed.exitCode).toBe(0)
  expect(listed.stderr).toContain(`the bucket has no folder of ${says}`)
  const to = world.newPath()
  for (let pulls = 0; pulls < 2; pulls++) {
    const pulled = await world.run(['pull', 'Z', ...args, '--to', to, ...since, '--fail-on-gap'])
    expect(pulled.exitCode).toBe(1)
    expect(pulled.stderr).toContain(`finding: the bucket has no folder of ${says}`)
    expect(pulled.stderr).not.toContain('warning: the bucket has no folder of')
  }
  expect((await world.run(['pull', 'Z', ...args, '--to', world.newPath(), ...since])).exitCode).toBe(0)
})

test('does not warn about names that the bucket has, even if the window is empty', async () => {
  const args = ['--region', 'us-east-1', '--log-account', '222222222222', '--kind', 'events', '--until', '2020-01-01']
  const { exitCode, stderr } = await world.run(['list', 'Z', ...args])
  expect(exitCode).toBe(0)
  expect(stderr).not.toContain('the bucket has no folder')
})

test('does not warn about a folder whose listing failed', async () => {
  world.lab.setFaults({
    hook: ({ operation, query }) =>
      operation === 'ListObjectsV2' && query.get('prefix')?.includes('/222222222222/') === true
        ? { status: 403, code: 'AccessDenied', message: 'no' }
        : undefined,
  })
  const { exitCode, stderr } = await world.run(['list', 'B', '--region', 'us-east-1'])
  expect(exitCode).toBe(3)
  expect(stderr).not.toContain('the bucket has no folder')
})

test.each([
  ['list', () => ['--from', '2999-01-01']],
  ['download', () => ['--from', '2999-01-01', '--until', '2999-02-01', '--to', world.newPath()]],
  ['delete', () => ['--from', '2999-01-01']],
  ['pull', () => ['--since', '2999-01-01', '--to', world.newPath()]],
] as const)('%s refuses a start in the future', async (verb, args) => {
  const { exitCode, stderr } = await world.run([verb, 'Z', ...args()])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('2999-01-01 is in the future')
})

test('a refused download leaves no folder', async () => {
  const to = world.newPath()
  await world.run(['download', 'Z', '--to', to, '--from', '2999-01-01'])
  expect(existsSync(to)).toBe(false)
})
