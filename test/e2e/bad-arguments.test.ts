import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld()
})
afterAll(() => world.stop())

test.each([
  ['an unknown account', ['list', 'X'], /the config has no account "X"/],
  ['an unknown account of a pull', ['pull', 'X', '--to', './logs'], /the config has no account "X"/],
  [
    'an unknown account of a pull that another account writes',
    ['pull', 'X', '--to', 's3://example/x', '--state', './state', '--to-account', 'Z'],
    /the config has no account "X"/,
  ],
  ['an unknown command', ['lst'], /unknown command "lst"\n.*did you mean list\?/],
  ['an unknown option', ['list', '--regoin', 'us-east-1'], /--regoin\n.*did you mean --region\?/],
  ['an end before the start', ['list', '--from', '2026-11-08', '--until', '2026-11-01'], /2026-11-08 to 2026-11-01/],
  ['a time that does not exist', ['list', '--from', '2026-02-30'], /2026-02-30/],
  ['an invalid region', ['list', '--region', 'mars'], /mars/],
  ['a download to a bucket', ['download', 'B', '--to', 's3://example/x'], /crosstrail copy --to s3:\/\/example\/x/],
  ['a copy to a folder', ['copy', 'B', '--to', './logs'], /crosstrail download --to \.\/logs/],
  ['a pull to a URL', ['pull', 'B', '--to', 'https://example.com/x'], /--to is "https:\/\/example.com\/x"/],
  ['a download to nowhere', ['download', 'B'], /download needs --to/],
])('%s is a usage error', async (_name, args, says) => {
  const { exitCode, stdout, stderr } = await world.run(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toMatch(says)
})

test('a missing config is an error of the config', async () => {
  const { exitCode, stderr } = await world.run(['list', '--config', world.newPath()])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/p\d+/)
})

test('a folder in place of a config is an error of the config', async () => {
  const folder = world.newPath()
  mkdirSync(folder)
  expect(await world.run(['list', '--config', folder])).toMatchObject({ exitCode: 2, stdout: '' })
})

test('reports all mistakes of a config at once, with their lines', async () => {
  const file = world.configWith((text) =>
    text.replace('"222222222222"', '222222222222').replace('reads: all', 'read: all'),
  )
  const { exitCode, stderr } = await world.run(['list', '--config', file])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/:7:\d+/)
  expect(stderr).toMatch(/:24:\d+/)
})

test('a variable that is not set is an error of the config', async () => {
  const file = world.configWith((text) => text.replace('env:Z_EXTERNAL_ID', 'env:NOT_SET'))
  const { exitCode, stderr } = await world.run(['list', 'Z', '--config', file])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('NOT_SET')
})

test('sends no request for any of these', () => {
  expect(world.lab.requests.count()).toBe(0)
})
