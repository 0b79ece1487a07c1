import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { type LabIam, startLabIam } from './support/lab-iam.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

const root = resolve(import.meta.dirname, '../..')
const bin = join(root, 'dist/bin.cjs')
const page = readFileSync(join(root, 'docs/SHARE-YOUR-LOGS.md'), 'utf8')

const sections = page
  .split('\n## ')
  .map((text) => [...text.matchAll(/```sh\n([^`]*)```/g)].map(([, lines = '']) => lines))
const [, ownLogs = [], allLogs = [], instance = []] = sections

let world: LabWorld
let iam: LabIam
let folder: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
  const { A, B, C, Z } = labAccounts
  iam = await startLabIam(world.lab, { 'a-admin': A, 'b-admin': B, 'c-admin': C, 'z-admin': Z })
  folder = world.newPath()
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin/aws'), iam.program, { mode: 0o700 })
})
afterAll(async () => {
  await iam[Symbol.asyncDispose]()
  await world.stop()
})

interface Typed {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function type(commands: string, more: Readonly<Record<string, string>> = {}): Promise<Typed> {
  const { CROSSTRAIL_CONFIG: _config, Z_EXTERNAL_ID: _id, ...env } = world.env
  const prelude = `set -e\ncrosstrail() { '${process.execPath}' '${bin}' "$@"; }\n`
  const options = { cwd: folder, env: { ...env, ...more, PATH: `${join(folder, 'bin')}:${env['PATH']}` } }
  return new Promise((settle) => {
    execFile('sh', ['-c', prelude + commands], options, (error, stdout, stderr) =>
      settle({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

const logsOf = (account: string) => storedLogs(world.lab).filter(({ logAccount }) => logAccount === account)

/** Runs the steps of a section, and checks that access is denied before the policies are attached. */
async function follow(steps: readonly string[], downloaded: string, env: Readonly<Record<string, string>> = {}) {
  const [policies = '', attach = '', doctor = '', download = ''] = steps
  expect(await type(policies, env)).toMatchObject({ exitCode: 0 })
  expect(await type(doctor, env)).toMatchObject({ exitCode: 3 })
  expect(await type(attach, env)).toMatchObject({ exitCode: 0 })
  expect(await type(doctor, env)).toMatchObject({ exitCode: 0 })
  expect(await type(download, env)).toMatchObject({ exitCode: 0 })
  return treeOf(join(folder, downloaded))
}

test('each section has a block for every step', () => {
  const commands = (blocks: readonly string[]) =>
    blocks.map((block) => /crosstrail (\w+)|sh \w+-\w\.sh/.exec(block)?.[1] ?? 'attach')
  const steps = ['init', 'policy', 'attach', 'doctor', 'download']
  expect([ownLogs, allLogs, instance].map(commands)).toEqual([steps, steps, steps])
})

test('an account gets access to its own logs', async () => {
  const [init = '', ...steps] = ownLogs
  expect(await type(init)).toMatchObject({ exitCode: 0 })
  expect(await follow(steps, 'logs-b')).toEqual(mirrorOf(logsOf(labAccounts.B)))
})

test('a third party gets access to all logs with the external ID from init', async () => {
  const [init = '', ...steps] = allLogs
  const { stdout } = await type(init)
  const Z_EXTERNAL_ID = /export Z_EXTERNAL_ID=(\S+)/.exec(stdout)?.[1] ?? ''
  expect(Z_EXTERNAL_ID).toMatch(/^[0-9a-f]{40}$/)
  expect(await follow(steps, 'logs-z', { Z_EXTERNAL_ID })).toEqual(mirrorOf(storedLogs(world.lab)))
  expect(readFileSync(join(folder, 'owner-z.sh'), 'utf8')).not.toContain(Z_EXTERNAL_ID)
  const other = await type('crosstrail list Z --config z.yaml', { Z_EXTERNAL_ID: 'an-id-of-somebody-else' })
  expect(other.exitCode).toBe(3)
})

test("an EC2 instance gets access to its account's logs with its profile's role", async () => {
  const [init = '', ...steps] = instance
  expect(await type(init)).toMatchObject({ exitCode: 0 })
  expect(await follow(steps, 'logs-c')).toEqual(mirrorOf(logsOf(labAccounts.C)))
  expect(iam.calls).toContain('ec2 associate-iam-instance-profile')
})

test('a script stops if the keys belong to another account', async () => {
  expect(existsSync(join(folder, 'owner-b.sh'))).toBe(true)
  const { exitCode, stderr } = await type('AWS_PROFILE=b-admin sh owner-b.sh')
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain('222222222222')
})
