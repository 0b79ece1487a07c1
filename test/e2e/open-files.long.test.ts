import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

let world: LabWorld
const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')

beforeAll(async () => {
  // Calls take long enough that hundreds are in progress
  world = await labWorld({ sample: { objects: 800 }, faults: { hook: () => ({ latencyMs: 100 }) } })
})
afterAll(() => world.stop())

async function within(limit: number, args: readonly string[]) {
  const child = spawn('bash', ['-c', `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath, bin, ...args], {
    env: world.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, stdout, stderr }
}

const logs = () => storedLogs(world.lab).filter(({ logAccount }) => logAccount === '222222222222')

test.each([[[]], [['--threads', '2']], [['--decompress']]])(
  'with at most 256 open files a download %j gets every log, and says once that it makes fewer calls',
  async (more) => {
    const to = world.newPath()
    const { exitCode, stdout, stderr } = await within(256, ['download', 'B', '--to', to, '--output', 'json', ...more])
    expect({ exitCode, failed: jsonLines(stdout).filter(({ status }) => status === 'failed') }).toEqual({
      exitCode: 0,
      failed: [],
    })
    if (more[0] !== '--decompress') expect(treeOf(to)).toEqual(mirrorOf(logs()))
    expect(
      stderr.match(/this run makes only \d+ calls at a time, because this process may have only 256 files open/g),
    ).toHaveLength(1)
  },
)

test.each([
  ['list', ['list', 'B', '--output', 'json']],
  ['pull', ['pull', 'B', '--since', '2026-11-01']],
  ['pull to events', ['pull', 'B', '--since', '2026-11-01', '--format', 'ndjson']],
])('with at most 60 open files a %s works', async (_, args) => {
  const to = args[0] === 'pull' ? ['--to', world.newPath()] : []
  const { exitCode, stderr } = await within(60, [...args, ...to])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('60 files open') })
})

test('with too few open files a pull ends with one error that names the limit', async () => {
  const { exitCode, stderr } = await within(30, ['pull', 'B', '--since', '2026-11-01', '--to', world.newPath()])
  expect([0, 1]).toContain(exitCode)
  if (exitCode === 1) expect(stderr).toMatch(/too many files (are )?open/)
})
