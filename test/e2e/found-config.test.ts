import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
/** A folder with a config whose accounts would run a command that writes a file. */
let folder: string
let config: string

beforeAll(async () => {
  world = await labWorld()
  folder = world.newPath()
  mkdirSync(folder)
  config = join(folder, 'crosstrail.yaml')
  const text = readFileSync(world.configWith((own) => own.replace('{ profile: b-audit }', '{ process: touch RAN }')))
  writeFileSync(config, text)
})
afterAll(() => world.stop())

const run = (args: readonly string[], mode: number) => {
  chmodSync(config, mode)
  return world.run(args, { cwd: folder, env: { CROSSTRAIL_CONFIG: '' } })
}

test.each([
  [['accounts']],
  [['list', 'B']],
  [['doctor', 'B']],
  [['policy', 'B']],
  [['creds', 'B']],
  [['exec', 'B', '--', 'true']],
  [['download', 'B', '--to', 'logs']],
  [['copy', 'B', '--to', 's3://a-bucket']],
  [['delete', 'B', '--older-than', '400d']],
  [['pull', 'B', '--to', 'logs']],
])('%j runs no command of a config in the current folder that others can write', async (args) => {
  const { exitCode, stdout, stderr } = await run(args, 0o666)
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain('the config crosstrail.yaml was found, not named, and everybody can write it')
  expect(stderr).toContain('hint: a config can run commands')
  expect(readdirSync(folder)).toEqual(['crosstrail.yaml'])
})

test('completion offers no account of that config', async () => {
  const complete = ['--complete', 'bash', 'list', '']
  expect(await run(complete, 0o666)).toEqual({ exitCode: 0, signal: null, stdout: '', stderr: '' })
  expect(await run(complete, 0o644)).toMatchObject({ stdout: 'B\nC\nZ\n' })
})

test('uses the same config if it is named, or if only its owner can write it', async () => {
  expect((await run(['accounts', '--config', 'crosstrail.yaml'], 0o666)).exitCode).toBe(0)
  expect((await run(['list', 'B'], 0o644)).stderr).toContain('the credential process touch of account B')
  expect(readdirSync(folder)).toContain('RAN')
})
