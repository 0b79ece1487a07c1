import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
let to: string
let outcomes: ReadonlyMap<unknown, Record<string, unknown>>

const folder = 'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0005Z_'
const keyOf = (name: string) => `${folder}${name.padEnd(16, '0')}.json.gz`
const pathOf = (name: string) => join(to, keyOf(name).replace(/\.gz$/, ''))
const json = JSON.stringify({ Records: Array.from({ length: 500 }, (_, serial) => ({ eventID: serial })) })
const gzip = gzipSync(json)

const corrupt = Buffer.from(gzip)
corrupt[40] = (corrupt[40] ?? 0) ^ 0xff

const bodies: Readonly<Record<string, Buffer>> = {
  good: gzip,
  twoMembers: Buffer.concat([gzip, gzip]),
  truncated: gzip.subarray(0, gzip.length - 20),
  corrupt,
  bomb: gzipSync(Buffer.alloc(3_000_000)),
  garbage: Buffer.concat([gzip, Buffer.from('more')]),
  noGzip: Buffer.from(json),
  empty: Buffer.alloc(0),
}

beforeAll(async () => {
  world = await labWorld()
  for (const [name, body] of Object.entries(bodies)) world.lab.bucket().put(keyOf(name), body)
  to = world.newPath()
  const { exitCode, stdout } = await world.run([
    'download',
    'B',
    '--to',
    to,
    '--decompress',
    '--max-inflated',
    '1MB',
    '--output',
    'json',
  ])
  expect(exitCode).toBe(1)
  outcomes = new Map(jsonLines(stdout).map((line) => [line['key'], line]))
})
afterAll(() => world.stop())

test('writes a good log as JSON', () => {
  expect(readFileSync(pathOf('good'), 'utf8')).toBe(json)
})

test('writes a log of two gzip members completely', () => {
  expect(readFileSync(pathOf('twoMembers'), 'utf8')).toBe(json + json)
})

test.each([
  ['truncated', 'object.truncated-gzip'],
  ['corrupt', 'object.corrupt-gzip'],
  ['bomb', 'object.inflates-too-much'],
  ['garbage', 'object.corrupt-gzip'],
  ['noGzip', 'object.not-gzip'],
  ['empty', 'object.not-gzip'],
])('gzip that is %s fails with %s and leaves no file', (name, code) => {
  expect(outcomes.get(keyOf(name))).toMatchObject({ status: 'failed', code })
  expect(existsSync(pathOf(name))).toBe(false)
})

test('without --decompress keeps each log unchanged', async () => {
  const raw = world.newPath()
  expect(await world.run(['download', 'B', '--to', raw])).toMatchObject({ exitCode: 0 })
  for (const [name, body] of Object.entries(bodies)) expect(readFileSync(join(raw, keyOf(name)))).toEqual(body)
})

test('unzips a large log in pieces', async () => {
  const large = Buffer.alloc(80_000_000, json)
  const name = 'large'
  world.lab.bucket().put(keyOf(name), gzipSync(large, { level: 1 }))
  await world.run(['download', 'B', '--to', to, '--decompress', '--include', `**${name}*`])
  expect(readFileSync(pathOf(name)).equals(large)).toBe(true)
})
