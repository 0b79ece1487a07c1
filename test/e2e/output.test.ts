import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld()
  world.lab.bucket().putShared(syntheticKeys({ count: 5_000 }), 'log')
})
afterAll(() => world.stop())

const ansi = /\u001B/

test('ends the listing without a message if the reader closes stdout after one line', async () => {
  const { child, result } = world.start(['list', 'B', '--output', 'json', '--quiet'])
  if (child.stdout === null) throw new Error('stdout is a pipe')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  expect(await result).toMatchObject({ exitCode: 0, stderr: '' })
})

test('results that cannot be written are a failure', async ({ skip }) => {
  if (process.platform !== 'linux') return skip()
  const full = openSync('/dev/full', 'w')
  const { exitCode, stderr } = await world.run(['list', 'B', '--output', 'json'], { stdout: full })
  closeSync(full)
  expect(exitCode).toBe(1)
  expect(stderr).toContain('the results cannot be written')
})

test('--quiet prints only failures on stderr', async () => {
  for (const args of [
    ['list', 'B'],
    ['list', 'B', '--summary'],
    ['download', 'B', '--to', world.newPath()],
  ]) {
    expect(await world.run([...args, '--max-objects', '3', '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' })
  }
})

test('without a terminal there is no color, no bar and no warning of Node or the SDK', async () => {
  for (const args of [
    ['list', 'B', '--max-objects', '3'],
    ['list', 'X'],
    ['download', 'B', '--max-objects', '9', '--to', world.newPath()],
  ]) {
    const { stdout, stderr } = await world.run(args)
    expect(stdout + stderr).not.toMatch(ansi)
    expect(stdout + stderr).not.toMatch(/Warning|\(node:/)
    expect(stderr).not.toBe('')
  }
})

test('FORCE_COLOR turns colors on, and NO_COLOR turns them off', async () => {
  expect((await world.run(['list', 'X'], { env: { FORCE_COLOR: '1' } })).stderr).toMatch(ansi)
  expect((await world.run(['list', 'X'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stderr).not.toMatch(ansi)
})

test('with --output json an error is a line of JSON', async () => {
  const { stderr } = await world.run(['list', 'X', '--output', 'json'])
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: expect.stringMatching(/^usage\./), hint: expect.any(String) },
  })
})

test('the installed command runs', async () => {
  const child = spawn(resolve(import.meta.dirname, '../../dist/bin.cjs'), ['--version'], { env: world.env })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  const [exitCode] = (await once(child, 'close')) as [number]
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})
