import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { filesOf } from './support/tree.ts'

let world: LabWorld
let config: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60, foreign: false } })
  config = world.configWith((text) => text.replace('env:Z_EXTERNAL_ID', 'env:NOT_SET'))
})
afterAll(() => world.stop())

const says = 'account Z cannot be used, because the environment variable NOT_SET is not set'

test.each([
  ['list', () => []],
  ['download', () => ['--to', world.newPath()]],
  ['accounts', () => []],
  ['policy', () => ['--kind', 'trust']],
] as const)('%s without the account that needs the variable works', async (command, args) => {
  const { exitCode, stderr } = await world.run([command, 'B', 'C', ...args(), '--config', config])
  expect(exitCode).toBe(0)
  expect(stderr).not.toContain('NOT_SET')
})

test('a download of all accounts gets the logs of the others, and names the failed account and the reason', async () => {
  const to = world.newPath()
  const { exitCode, stderr } = await world.run(['download', '--to', to, '--config', config])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('account Z failed')
  expect(stderr).toContain(says)
  expect(filesOf(to).length).toBeGreaterThan(0)
})

test.each([
  ['list', () => []],
  ['pull', () => ['--to', world.newPath(), '--since', '2026-10-31']],
  ['accounts', () => []],
  ['policy', () => []],
] as const)('%s for all accounts does not exit with 0, and names the variable', async (command, args) => {
  const { exitCode, stderr } = await world.run([command, ...args(), '--config', config])
  expect(exitCode).toBe(2)
  expect(stderr).toContain(says)
})

test('doctor reports it as a step of that account, and checks the others', async () => {
  const { exitCode, stdout } = await world.run(['doctor', '--config', config, '--output', 'json'])
  expect(exitCode).toBe(3)
  const steps = jsonLines(stdout)
  expect(steps.filter(({ account }) => account === 'Z')).toMatchObject([
    { step: 'config', status: 'failed', code: 'config.unset-variable' },
  ])
  expect(steps).toContainEqual(expect.objectContaining({ account: 'B', step: 'read', status: 'ok' }))
})

test.each<[string, (text: string) => string]>([
  ['id', (text) => text.replace('id: "444444444444"', 'id: ${env:NOT_SET}')],
  ['role', (text) => text.replace(/role: \S+(?=\n {4}externalId)/, 'role: ${env:NOT_SET}')],
  ['reads', (text) => text.replace('reads: all', 'reads: ["${env:NOT_SET}"]')],
])('applies to any field that needs the variable: %s', async (_field, edit) => {
  const file = world.configWith(edit)
  expect((await world.run(['list', 'B', '--config', file])).exitCode).toBe(0)
  const all = await world.run(['list', '--config', file])
  expect(all.exitCode).toBe(2)
  expect(all.stderr).toContain(says)
})

test.each<[string, (text: string) => string]>([
  ['the trail needs one', (text) => text.replace('region: us-east-1', 'region: ${env:NOT_SET}')],
  ['something else is wrong', (text) => text.replace('Z_EXTERNAL_ID', 'NOT_SET').replace('reads: own', 'reads: mine')],
])('if %s, no account can be used', async (_what, edit) => {
  const { exitCode, stdout, stderr } = await world.run(['list', 'B', '--config', world.configWith(edit)])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('NOT_SET')
})
