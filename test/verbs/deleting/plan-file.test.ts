import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanLedger } from '../../../src/verbs/deleting/plan-ledger.ts'
import { plannedDeletions, readPlan } from '../../../src/verbs/deleting/plan-reader.ts'
import { PlanWriter } from '../../../src/verbs/deleting/plan-writer.ts'
import { head, log, version } from './plan-world.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-plan-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a plan is read as it was written: its objects, what is kept, and its counts', () => {
  const writer = new PlanWriter(join(folder, 'plan.ndjson'), head)
  const ledger = new PlanLedger(writer)
  for (let serial = 0; serial < 3_000; serial++) ledger.plan(log(serial), 'Z')
  ledger.keep(log(5_000), 'Z', 'not-archived')
  ledger.remain(log(6_000))
  const written = writer.commit(ledger.facts())
  expect(readPlan(written.file)).toEqual(written)
  expect(written.facts).toMatchObject({
    planned: { objects: 3_000 },
    remaining: { objects: 2 },
    kept: { 'not-archived': 1 },
  })
  const read = [...plannedDeletions(written, () => true)]
  expect(read.map(({ item }) => item)).toEqual(
    Array.from({ length: 3_000 }, (_, at) => ({ key: log(at).key, etag: log(at).etag })),
  )
})

test('versions of a key are one object, and only a current null version is deleted on a condition', () => {
  const writer = new PlanWriter(join(folder, 'versions.ndjson'), {
    ...head,
    options: { ...head.options, versions: true },
  })
  const ledger = new PlanLedger(writer)
  const { key } = log(1)
  ledger.planVersions(log(1), 'Z', [version(key, 'null', { isLatest: true }), version(key, 'v1')])
  const written = writer.commit(ledger.facts())
  expect(written.facts.planned).toMatchObject({ objects: 1, deletions: 2, bytes: 20 })
  expect([...plannedDeletions(readPlan(written.file), () => true)].map(({ item }) => item)).toEqual([
    { key, versionId: 'null', etag: log(1).etag },
    { key, versionId: 'v1' },
  ])
})

test('a plan that is given up leaves nothing', () => {
  const writer = new PlanWriter(join(folder, 'sub', 'given-up.ndjson'), head)
  writer.abort()
  expect(readdirSync(join(folder, 'sub'))).toEqual([])
})
