import { describe, expect, it } from 'vitest'
import type { FleetRequest, FleetSlice, SlicePlace } from '../../src/fleet/format.ts'
import { readJob } from '../../src/fleet/worker/read-job.ts'
import { refusalOf } from '../../src/fleet/worker/refusal.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { everything } from '../../src/work/selection.ts'

const place: SlicePlace = {
  account: 'Z',
  role: 'arn:aws:iam::111111111111:role/Z',
  bucket: 'logs',
  owner: '111111111111' as AccountId,
  prefix: 'trail',
}
const slice: FleetSlice = {
  id: 's0',
  place,
  logAccount: '222222222222' as AccountId,
  region: 'us-east-1',
  kind: 'events',
  fromMs: 0,
  toMs: 1,
}

function request(options: FleetRequest['options']): FleetRequest {
  return { verb: 'copy', options, selection: everything }
}

function codeFor(options: FleetRequest['options'], allowTo: readonly string[] = [], own: SlicePlace = place) {
  return refusalOf(request(options), slice, { places: new Map([[own.account, own]]), allowTo })?.code
}

describe('what a worker refuses', () => {
  it('takes a slice whose label resolves as for the submitter', () => {
    expect(codeFor({ to: 's3://a' })).toBeUndefined()
  })

  it('refuses a label that its config does not have', () => {
    expect(codeFor({ to: 's3://a' }, [], { ...place, account: 'B' })).toBe('fleet.unknown-label')
  })

  it.each([
    ['role', 'arn:aws:iam::111111111111:role/other'],
    ['bucket', 'other'],
    ['owner', '333333333333'],
    ['prefix', ''],
    ['organization', 'o-abcdefghij'],
  ])('refuses a label with another %s', (field, value) => {
    expect(codeFor({ to: 's3://a' }, [], { ...place, [field]: value })).toBe('fleet.other-place')
  })

  it.each([
    ['s3://archive', ['s3://archive']],
    ['s3://archive/a/b', ['s3://archive']],
    ['s3://archive/a/b', ['s3://other', 's3://archive/a/']],
    ['/data', ['/data']],
    ['/data/logs', ['/data/']],
    ['/data/x/../logs', ['/data/logs']],
    ['logs', ['.']],
  ])('may write to %s with --allow-to %s', (to, allowTo) => {
    expect(codeFor({ to }, allowTo)).toBeUndefined()
    expect(codeFor({ to: { to, storage: {} } }, allowTo)).toBeUndefined()
  })

  it.each([
    ['s3://archive2', ['s3://archive']],
    ['s3://archive/ab', ['s3://archive/a']],
    ['s3://archive', ['s3://archive/a']],
    ['/data2', ['/data']],
    ['/data/../etc', ['/data']],
    ['/data', ['s3://data']],
    ['s3://data', ['/', '.']],
  ])('must not write to %s with --allow-to %s', (to, allowTo) => {
    expect(codeFor({ to }, allowTo)).toBe('fleet.target-not-allowed')
    expect(codeFor({ to: { to, storage: {} } }, allowTo)).toBe('fleet.target-not-allowed')
  })

  it.each([{ evidence: { folder: '/etc' } }, { saveKeys: '/etc/keys' }, { dirs: ['/etc'] }, { journalDir: '/etc' }])(
    'refuses options that name other files: %o',
    (options) => {
      expect(codeFor(options)).toBe('fleet.option-not-allowed')
    },
  )

  it('refuses verbs that no fleet runs', () => {
    const asked = { ...request({}), verb: 'delete' } as unknown as FleetRequest
    expect(refusalOf(asked, slice, { places: new Map([['Z', place]]), allowTo: [] })?.code).toBe(
      'fleet.option-not-allowed',
    )
  })
})

describe('the data of a job', () => {
  it('are read', () => {
    const job = { format: 1, runId: 'r', slice }
    expect(readJob(JSON.parse(JSON.stringify(job)))).toEqual(job)
  })

  it('may have another format', () => {
    expect(readJob({ format: 2, runId: 'r', pieces: [] })).toEqual({ otherFormat: 2, runId: 'r' })
  })

  it.each([undefined, null, 'text', [], {}, { format: 1, runId: 'r' }, { format: 1, runId: 'r', slice: { id: 's' } }])(
    'are not %o',
    (data) => {
      expect(readJob(data)).toBeUndefined()
    },
  )
})
