import { expect, test } from 'vitest'
import type { FleetRequest, SlicePlace } from '../../src/fleet/format.ts'
import { readJob } from '../../src/fleet/worker/read-job.ts'
import { refusalOf } from '../../src/fleet/worker/refusal.ts'
import { everything } from '../../src/work/selection.ts'
import { place, slicesOf } from '../real/redis/fake-slices.ts'

const [slice] = slicesOf(1)
if (slice === undefined) throw new Error('no slice')
const writerRole = 'arn:aws:iam::444444444444:role/W'
const writing: SlicePlace = { ...place, account: 'W', role: writerRole }

/** Why a worker that may write to `allowTo` refuses these options. */
function refused(
  verb: FleetRequest['verb'],
  options: FleetRequest['options'],
  { allowTo = [] as string[], places = [place], at = place } = {},
) {
  const rules = { allowTo, places: new Map(places.map((each) => [each.account, each])) }
  return refusalOf({ verb, options, selection: everything }, { ...slice, place: at } as typeof slice & object, rules)
    ?.code
}

test.each([
  ['copy', { to: 's3://b/p', overwrite: true }],
  ['download', { to: '/data/a', layout: 'key', dryRun: false }],
  ['verify', { movedFrom: [] }],
  ['events', { to: { to: 's3://b/p' }, lateMs: 1 }],
] as const)('a worker runs what a submitter sends: %s', (verb, options) => {
  expect(refused(verb, options)).toBeUndefined()
})

test.each([
  ['download', { to: '/data/a', journalDir: '/etc' }],
  ['download', { to: '/data/a', saveKeys: '/etc/keys' }],
  ['download', { to: '/data/a', verify: true }],
  ['verify', { evidence: { folder: '/etc' } }],
  ['verify', { dirs: ['/'] }],
  ['events', { to: '/data/a', dirs: ['/etc'] }],
  ['copy', { to: ['s3://b/p'] }],
  ['copy', {}],
  ['events', { to: { to: { to: '/etc' } } }],
  ['delete' as 'copy', { to: 's3://b/p' }],
  ['constructor' as 'copy', { to: 's3://b/p' }],
] as const)('a worker refuses what no submitter sends: %s %j', (verb, options) => {
  expect(refused(verb, options, { allowTo: ['/data', 's3://b'] })).toBe('fleet.option-not-allowed')
})

test('a worker refuses a slice if the account that writes is missing in its config, or has another role', () => {
  const options = { to: 's3://b/p', toAccount: 'W' }
  const at = { ...place, writerRole }
  const places = [place, writing]
  expect(refused('copy', options, { at })).toBe('fleet.unknown-label')
  expect(refused('copy', options, { at, places })).toBeUndefined()
  expect(refused('copy', options, { places })).toBe('fleet.other-place')
  expect(refused('copy', options, { at, places: [place, { ...writing, role: `${writerRole}2` }] })).toBe(
    'fleet.other-place',
  )
  expect(refused('events', { to: options }, { places })).toBe('fleet.other-place')
})

test.each([
  ['the run', { runId: '../../etc/cron.d/x' }],
  ['the slice', { slice: { ...slice, id: 'a","b":"' } }],
  ['an empty run', { runId: '' }],
])('ids that name files are plain words: %s', (_, change) => {
  const job = { format: 1, runId: '0123456789abcdef', slice }
  expect(readJob(job)).toEqual(job)
  expect(readJob({ ...job, ...change })).toBeUndefined()
})
