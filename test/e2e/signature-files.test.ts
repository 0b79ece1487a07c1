import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { storedLogs } from './support/stored-logs.ts'

const fromMs = Date.UTC(2026, 10, 1)
const backfill = { fromMs: fromMs + 2 * hourMs, toMs: fromMs + 4 * hourMs, madeAtMs: fromMs + 48 * hourMs }

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({
    sample: {
      objects: 30,
      logAccounts: ['222222222222' as AccountId],
      digests: { trails: [{ name: 'management', backfill }] },
      window: { fromMs, toMs: fromMs + 8 * hourMs },
    },
  })
})
afterAll(() => world.stop())

/** The files of signatures in a folder, by their paths. */
function signatures(folder: string): Record<string, unknown> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.signature'))
  return Object.fromEntries(
    files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown]),
  )
}

function expected(): Record<string, unknown> {
  const digests = storedLogs(world.lab).filter(({ kind }) => kind === 'digest')
  expect(digests.some(({ key }) => key.endsWith('_backfill.json.gz'))).toBe(true)
  return Object.fromEntries(
    digests.map(({ key }) => {
      const metadata = world.lab.bucket().get(key)?.metadata ?? {}
      const { signature, 'signature-algorithm': signatureAlgorithm } = metadata
      const backfillGenerationTimestamp = metadata['backfill-generation-timestamp'] ?? null
      return [`${key}.signature`, { signature, signatureAlgorithm, backfillGenerationTimestamp }]
    }),
  )
}

test.each([
  ['download', ['--threads', '2']],
  ['pull', ['--since', '2026-10-31']],
])('%s keeps the signature of each digest beside it', async (verb, more) => {
  const folder = world.newPath()
  const { exitCode } = await world.run([verb, 'B', '--to', folder, ...more])
  expect(exitCode).toBe(0)
  expect(signatures(folder)).toEqual(expected())
})

test('a digest without its signature is fetched again, and nothing else is', async () => {
  const folder = world.newPath()
  await world.run(['download', 'B', '--to', folder])
  const [gone = ''] = Object.keys(expected())
  rmSync(join(folder, gone))
  const again = ['download', 'B', '--to', folder, '--output', 'json']
  const dry = await world.run([...again, '--dry-run'])
  const { stdout } = await world.run(again)
  for (const [text, status] of [
    [dry.stdout, 'dry-run'],
    [stdout, undefined],
  ] as const) {
    const fetched = jsonLines(text).filter(({ reason }) => reason === status)
    expect(fetched.map(({ key }) => `${String(key)}.signature`)).toEqual([gone])
  }
  expect(signatures(folder)).toEqual(expected())
})

test('the files of signatures count neither as logs nor as foreign', async () => {
  const folder = world.newPath()
  await world.run(['download', 'B', '--to', folder])
  const { exitCode, stderr } = await world.run(['events', '--dir', folder, '--verbose'])
  expect(exitCode).toBe(0)
  expect(stderr).not.toContain('foreign')
  expect(stderr).not.toContain('.signature')
})
