import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import type { DeleteItem } from '../../../src/s3/delete-answers.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { executeDelete } from '../../../src/verbs/delete/delete.ts'
import type { DeleteHost, DeletingBucket } from '../../../src/verbs/delete/deleting-host.ts'
import { PlanLedger } from '../../../src/verbs/delete/plan-ledger.ts'
import { PlanWriter } from '../../../src/verbs/delete/plan-writer.ts'
import { copySource } from '../../../src/verbs/delete/source-copy.ts'
import type { RunEvent } from '../../../src/work/run-event.ts'
import { day, digest, head, hour, log, trail } from './plan-world.ts'

let folder: string
let plans = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-delete-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Carries a plan out for the accounts Y and Z. `send` is called for each key, `noSession` has none. */
async function carryOut(
  write: (ledger: PlanLedger) => void,
  {
    send = () => undefined,
    noSession,
  }: { send?: (item: DeleteItem) => CrosstrailError | undefined; noSession?: string },
) {
  const { signal } = new AbortController()
  const writer = new PlanWriter(join(folder, `plan${++plans}.ndjson`), { ...head, accounts: ['Y', 'Z'] })
  const ledger = new PlanLedger(writer)
  write(ledger)
  const plan = writer.commit(ledger.facts())
  const copy = await copySource(plan.file, { stateFolder: folder, signal })
  const sent: string[] = []
  const events: RunEvent[] = []
  const bucket = {
    admin: {
      deleteObjects: (items: readonly DeleteItem[]) => {
        sent.push(...items.map(({ key }) => key))
        const answered = items.map((item) => {
          const error = send(item)
          return error === undefined ? { status: 'deleted', item } : { status: 'failed', item, error }
        })
        return Promise.resolve({ answered, unanswered: [] })
      },
    },
  } as unknown as DeletingBucket
  const host: DeleteHost = {
    trail,
    accounts: [
      { label: 'Y', id: '333333333333' as AccountId, reads: 'own' },
      { label: 'Z', id: '444444444444' as AccountId, reads: 'all' },
    ],
    open: ({ account }) =>
      account === noSession
        ? Promise.reject(new CrosstrailError('access.assume-role-denied', 'no'))
        : Promise.resolve(bucket),
    mfa: () => Promise.reject(new Error('there is no MFA Delete')),
    listings: 4,
    maxTasks: 16,
    maxAttempts: 2,
    listener: (event) => void events.push(event),
    signal,
    nowMs: day,
  }
  const journalFile = join(folder, `delete${plans}.ndjson`)
  const protection = { versioning: 'off', mfaDelete: false, objectLock: false } as const
  const report = await executeDelete({ plan, copy, protection, journalFile, runId: 'r', about: {} }, host)
  copy.close()
  const skipped = events.flatMap((event) =>
    event.type === 'outcome' && event.outcome.status === 'skipped' ? [event.outcome.object.key] : [],
  )
  return { report, sent, skipped, events, journal: readFileSync(journalFile, 'utf8') }
}

const early = digest(day + hour)
const late = digest(day + 3 * hour)

test('logs are sent before digests, whatever their order in the plan', async () => {
  const { sent, report } = await carryOut((ledger) => {
    ledger.plan(early, 'Z')
    ledger.plan(log(1), 'Z')
    ledger.plan(log(2), 'Y')
  }, {})
  expect(sent.at(-1)).toBe(early.key)
  expect(new Set(sent)).toEqual(new Set([log(1).key, log(2).key, early.key]))
  expect(report.accounts.map(({ account, tally }) => [account, tally.done])).toEqual([
    ['Y', 1],
    ['Z', 2],
  ])
})

test('a digest stays if a log of it fails to go, and an earlier one goes', async () => {
  const kept = log(90)
  const { skipped, sent, report } = await carryOut(
    (ledger) => {
      for (const one of [log(1), kept, early, late]) ledger.plan(one, 'Z')
    },
    { send: ({ key }) => (key === kept.key ? new CrosstrailError('object.changed', 'changed') : undefined) },
  )
  expect(skipped).toEqual([late.key])
  expect(sent).toContain(early.key)
  expect(report.total).toMatchObject({ done: 2, failed: 1, failures: { 'object.changed': 1 } })
})

test('a digest stays if the account that deletes its logs has no session, though another account is to delete it', async () => {
  const { skipped, sent, report } = await carryOut(
    (ledger) => {
      ledger.plan(log(1), 'Y')
      ledger.plan(early, 'Z')
    },
    { noSession: 'Y' },
  )
  expect([sent, skipped]).toEqual([[], [early.key]])
  expect(report.accounts.map(({ error }) => error?.code)).toEqual(['access.assume-role-denied', undefined])
  expect(report.error).toBeUndefined()
})

test('an account that deletes nothing needs no session', async () => {
  const { report } = await carryOut((ledger) => ledger.plan(log(1), 'Z'), { noSession: 'Y' })
  expect(report.accounts.map(({ error }) => error)).toEqual([undefined, undefined])
  expect(report.total.done).toBe(1)
})

test('a bug in the middle is thrown, and the journal keeps what was told before', async () => {
  const bug = new TypeError('a bug')
  const write = (ledger: PlanLedger): void => ledger.plan(log(1), 'Z')
  const thrown = carryOut(write, {
    send: () => {
      throw bug
    },
  })
  await expect(thrown).rejects.toBe(bug)
  const journal = readFileSync(join(folder, `delete${plans}.ndjson`), 'utf8')
  expect(journal).toContain('"status":"intended"')
  expect(journal).not.toContain('"finished"')
})

test('the totals of a plan are told before it is carried out', async () => {
  const { events } = await carryOut((ledger) => {
    for (let serial = 0; serial < 30; serial++) ledger.plan(log(serial), 'Z')
  }, {})
  expect(events.slice(0, 4)).toMatchObject([
    { type: 'listed', account: 'Y', objects: 0 },
    { type: 'listing-finished', account: 'Y' },
    { type: 'listed', account: 'Z', objects: 30, bytes: 300 },
    { type: 'listing-finished', account: 'Z' },
  ])
})
