import { afterEach, expect, test } from 'vitest'
import type { SampleDigests } from '../../src/lab/samples.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/trail/calendar.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const fromMs = Date.UTC(2026, 10, 1)
const hours = 30
const window = ['--from', '2026-11-01', '--until', new Date(fromMs + hours * hourMs).toISOString()]
/** Before the last digest, which may list logs of the period before it. */
const earlier = new Date(fromMs + (hours - 2) * hourMs).toISOString()

let world: LabWorld
afterEach(() => world.stop())

async function verified(digests: SampleDigests, more: { organization?: string; window?: readonly string[] } = {}) {
  const { organization } = more
  world = await labWorld({
    layout: { prefix: '', organization },
    sample: {
      objects: 400,
      logAccounts: ['222222222222' as AccountId],
      regions: ['us-east-1', 'eu-west-1'],
      digests,
      window: { fromMs, toMs: fromMs + hours * hourMs },
    },
  })
  const config = world.configWith((text) =>
    text
      .replaceAll('download]', 'download, verify]')
      .replace('  region: us-east-1', `  region: us-east-1${organization ? `\n  organization: ${organization}` : ''}`),
  )
  const args = ['verify', 'Z', '--config', config, ...(more.window ?? window), '--output', 'json']
  const result = await world.run(args)
  return { result, config, counts: summary(result) }
}

interface Summary {
  readonly digests: Readonly<Record<string, number>>
  readonly logs: Readonly<Record<string, number>>
  readonly findings: Readonly<Record<string, number>>
  readonly chains: readonly Readonly<Record<string, unknown>>[]
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

function summary({ stderr }: CommandResult): Summary {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Summary
}

const whole = { findings: {}, logs: { verified: 400, unlisted: 0, pending: 0, unproven: 0, uncovered: 0, failed: 0 } }

test('periods of odd times, keys of each region that change every ten hours, and logs in the next digest', async () => {
  const keys = { lifeMs: 10 * hourMs, perRegion: true }
  const odd = { offsetMs: minuteMs + 31 * secondMs, lateMs: 5 * minuteMs, keys }
  const { result, counts } = await verified(odd, { window: ['--from', '2026-11-01T02:00', '--until', earlier] })
  expect(result).toMatchObject({ exitCode: 0 })
  expect(counts.findings).toEqual({})
  expect(counts.logs).toMatchObject({ unlisted: 0, unproven: 0, uncovered: 0 })
  expect(counts.logs['verified']).toBeGreaterThan(300)
  expect(counts.keys.length).toBeGreaterThan(4)
})

test('two trails in one folder: a log needs to be in a digest of either', async () => {
  const { result, counts } = await verified({
    trails: [{ name: 'first' }, { name: 'second', homeRegion: 'eu-west-1' }],
  })
  expect(result).toMatchObject({ exitCode: 0 })
  expect(counts).toMatchObject(whole)
  expect(counts.chains.map(({ trailName }) => trailName)).toEqual(['first', 'second', 'first', 'second'])
  for (const { logsVerified } of counts.chains) expect(logsVerified).toBeGreaterThan(0)
})

test('a second trail without validation is one finding for each stream', async () => {
  const trails = [{ name: 'first' }, { name: 'second', validated: false }] as const
  const { result, counts } = await verified({ trails }, { window: ['--until', earlier] })
  expect(result).toMatchObject({ exitCode: 1 })
  expect(counts.findings).toEqual({ 'verify.validation-off': 2 })
  expect(counts.logs['verified']).toBeGreaterThan(150)
  expect(counts.logs['unlisted']).toBeGreaterThan(150)
})

test('a backfill is a chain of its own, signed with the key of a later time', async () => {
  const backfill = { fromMs: fromMs + 5 * hourMs, toMs: fromMs + 8 * hourMs, madeAtMs: fromMs + 12 * dayMs }
  const { counts } = await verified({ trails: [{ name: 'first', backfill }], keys: { lifeMs: 4 * dayMs } })
  const chains = counts.chains.filter(({ backfill: isBackfill }) => isBackfill === true)
  expect(chains).toHaveLength(2)
  for (const chain of chains) expect(chain).toMatchObject({ digests: 3, proven: 3 })
  expect(counts.digests).toMatchObject({ unsigned: 0, verified: counts.digests['found'] })
})

test('a pause of logging is one finding that names the possible causes', async () => {
  const pauses = [{ fromMs: fromMs + 5 * hourMs, toMs: fromMs + 9 * hourMs }]
  const { result, counts } = await verified({ trails: [{ name: 'first', pauses }] })
  expect(result).toMatchObject({ exitCode: 1 })
  expect(counts.findings).toEqual({ 'verify.chain-restarted': 2 })
  const finding = jsonLines(result.stdout).find(({ type }) => type === 'finding')
  expect(finding?.['message']).toMatch(
    /logging stopped, validation was turned off, the trail was deleted, or digests were/,
  )
})

test('an organization trail', async () => {
  const { result, counts } = await verified({}, { organization: 'o-exampleorgid' })
  expect(result).toMatchObject({ exitCode: 0 })
  expect(counts).toMatchObject(whole)
})
