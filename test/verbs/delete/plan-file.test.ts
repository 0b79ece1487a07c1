import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanLedger } from '../../../src/verbs/delete/plan-ledger.ts'
import { plannedDeletions, readPlan, type ReadDeletePlan, readShown } from '../../../src/verbs/delete/plan-reader.ts'
import { PlanWriter } from '../../../src/verbs/delete/plan-writer.ts'
import { copySource } from '../../../src/verbs/delete/source-copy.ts'
import { collected, head, log, version } from './plan-world.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-plan-'))
})
const { signal } = new AbortController()
const deletionsOf = (plan: ReadDeletePlan) => collected(plannedDeletions(plan, signal))
const copied = (file: string) => copySource(file, { stateFolder: join(folder, 'state'), signal })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a plan is read as it was written: objects, kept objects, and counts', async () => {
  const writer = new PlanWriter(join(folder, 'plan.ndjson'), head)
  const ledger = new PlanLedger(writer)
  for (let serial = 0; serial < 3_000; serial++) ledger.plan(log(serial), 'Z')
  ledger.keep(log(5_000), 'Z', 'not-archived')
  ledger.remain(log(6_000))
  const written = writer.commit(ledger.facts())
  const copy = await copied(written.file)
  expect(await readPlan(copy, signal)).toEqual({ ...written, copy })
  expect(written.facts).toMatchObject({
    planned: { objects: 3_000 },
    remaining: { objects: 2 },
    kept: { 'not-archived': 1 },
  })
  const read = await deletionsOf({ ...written, copy })
  expect(read.map(({ item }) => item)).toEqual(
    Array.from({ length: 3_000 }, (_, at) => ({ key: log(at).key, etag: log(at).etag })),
  )
})

test('versions of a key are one object, and only a current null version is deleted on a condition', async () => {
  const writer = new PlanWriter(join(folder, 'versions.ndjson'), {
    ...head,
    options: { ...head.options, versions: true },
  })
  const ledger = new PlanLedger(writer)
  const { key } = log(1)
  ledger.planVersions(log(1), 'Z', [version(key, 'null', { isLatest: true }), version(key, 'v1')])
  const written = writer.commit(ledger.facts())
  expect(written.facts.planned).toMatchObject({ objects: 1, deletions: 2, bytes: 20 })
  const copy = await copied(written.file)
  const read = await deletionsOf(await readPlan(copy, signal))
  expect(read.map(({ item }) => item)).toEqual([
    { key, versionId: 'null', etag: log(1).etag },
    { key, versionId: 'v1' },
  ])
})

test('a plan that is given up or not to be kept leaves no file', () => {
  const writer = new PlanWriter(join(folder, 'sub', 'given-up.ndjson'), head)
  writer.abort()
  const unkept = new PlanWriter(join(folder, 'sub', 'unkept.ndjson'), head)
  unkept.commit(new PlanLedger(unkept).facts(), false)
  unkept.abort()
  expect(readdirSync(join(folder, 'sub'))).toEqual([])
})

test('refuses a plan whose file another process changed after it was made', async () => {
  const made = (name: string, serial: number) => {
    const writer = new PlanWriter(join(folder, name), head)
    const ledger = new PlanLedger(writer)
    ledger.plan(log(serial), 'Z')
    return writer.commit(ledger.facts())
  }
  const shown = made('shown.ndjson', 1)
  const request = { stateFolder: join(folder, 'state'), signal }
  expect(await deletionsOf(await readShown(shown, request))).toHaveLength(1)
  // A complete plan with a correct hash, but not the plan that was shown
  writeFileSync(shown.file, readFileSync(made('other.ndjson', 2).file))
  await expect(readShown(shown, request)).rejects.toThrow(expect.objectContaining({ code: 'usage.plan-edited' }))
  appendFileSync(shown.file, 'more')
  await expect(readShown(shown, request)).rejects.toThrow(expect.objectContaining({ code: 'usage.plan-edited' }))
})

test('refuses the name of a broken link for a plan', () => {
  symlinkSync(join(folder, 'none'), join(folder, 'link.ndjson'))
  expect(() => new PlanWriter(join(folder, 'link.ndjson'), head)).toThrow('exists already')
})
