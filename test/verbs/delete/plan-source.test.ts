import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanLedger } from '../../../src/verbs/delete/plan-ledger.ts'
import { planSource } from '../../../src/verbs/delete/plan-source.ts'
import { PlanWriter } from '../../../src/verbs/delete/plan-writer.ts'
import { copySource } from '../../../src/verbs/delete/source-copy.ts'
import type { LogPage } from '../../../src/work/source.ts'
import { digest, hour, head, log, version } from './plan-world.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-plan-source-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function read(
  name: string,
  write: (ledger: PlanLedger) => void,
  {
    account = 'Z',
    takes = () => true,
    signal = new AbortController().signal,
    versions = false,
  }: {
    account?: string
    takes?: Parameters<typeof planSource>[1]
    signal?: AbortSignal
    versions?: boolean
  } = {},
): Promise<LogPage[]> {
  const options = { ...head.options, versions }
  const writer = new PlanWriter(join(folder, name), { ...head, accounts: ['Y', 'Z'], options })
  const ledger = new PlanLedger(writer)
  write(ledger)
  const plan = writer.commit(ledger.facts())
  const copy = await copySource(plan.file, { stateFolder: folder, signal: new AbortController().signal })
  const pages: LogPage[] = []
  const take = (page: LogPage) => Promise.resolve(pages.push(page) > 0)
  try {
    await planSource(
      { ...plan, copy },
      takes,
      signal,
    )({ account }, { take, isHungry: () => false, giveAway: () => undefined })
  } finally {
    copy.close()
  }
  return pages
}

const keysOf = (pages: readonly LogPage[]) => pages.flatMap(({ objects }) => objects.map(({ key }) => key))

test('a plan gives what one account deletes, in pages of a thousand, in its order', async () => {
  const pages = await read('pages.ndjson', (ledger) => {
    for (let serial = 0; serial < 5_000; serial++) ledger.plan(log(serial), serial % 2 === 0 ? 'Z' : 'Y')
    ledger.keep(log(6_000), 'Z', 'not-archived')
  })
  expect(pages.map(({ objects }) => objects.length)).toEqual([1_000, 1_000, 500])
  expect(keysOf(pages)).toEqual(Array.from({ length: 2_500 }, (_, at) => log(2 * at).key))
})

test('each version of a key comes with a deletion of its own', async () => {
  const { key } = log(1)
  const write = (ledger: PlanLedger) => ledger.planVersions(log(1), 'Z', [version(key, 'v2'), version(key, 'v1')])
  const [page] = await read('versions.ndjson', write, { versions: true })
  expect(page?.twins).toMatchObject([{ item: { key, versionId: 'v2' } }, { item: { key, versionId: 'v1' } }])
})

test('gives only the wanted objects', async () => {
  const write = (ledger: PlanLedger) => {
    ledger.plan(log(1), 'Z')
    ledger.plan(digest(hour), 'Z')
  }
  const pages = await read('kinds.ndjson', write, { takes: ({ kind }) => kind === 'digest' })
  expect(keysOf(pages)).toEqual([digest(hour).key])
})

test('reading a plan ends with interrupted after a signal', async () => {
  const write = (ledger: PlanLedger) => {
    for (let serial = 0; serial < 6_000; serial++) ledger.plan(log(serial), 'Y')
  }
  const signal = AbortSignal.abort()
  await expect(read('stopped.ndjson', write, { signal })).rejects.toMatchObject({ code: 'interrupted' })
})
