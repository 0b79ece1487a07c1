import { mkdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CrosstrailApp } from '../../../src/app/crosstrail.ts'
import { openApp } from '../../../src/app/open-crosstrail.ts'
import { labRoles } from '../../../src/lab/fixture.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import { PlanLedger } from '../../../src/verbs/delete/plan-ledger.ts'
import { PlanWriter } from '../../../src/verbs/delete/plan-writer.ts'
import type { RunEvent, RunListener } from '../../../src/work/run-event.ts'
import { filesIn, journalLines } from '../../e2e/support/delete-world.ts'
import { labWorld, type LabWorld } from '../../e2e/support/lab-world.ts'
import { day, digest, head, hour, log } from './plan-world.ts'

let world: LabWorld
let crosstrail: CrosstrailApp
let folder: string

beforeEach(async () => {
  world = await labWorld()
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }
  for (const role of [labRoles.B, labRoles.Z]) Object.assign(world.lab.iam.role(role) ?? {}, { policies: [all] })
  for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value)
  crosstrail = await openApp({
    configFile: world.configWith((text) => text.replaceAll('[list, download]', '[list, download, delete]')),
  })
  folder = world.newPath()
  mkdirSync(folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await crosstrail.close()
  await world.stop()
})

/** Puts an object into the bucket. */
function stored(object: LogObject): LogObject {
  const { etag } = world.lab.bucket().put(object.key, 'ten bytes!')
  return { ...object, etag }
}

/** Carries a plan out for the accounts B and Z. */
async function carryOut(
  write: (ledger: PlanLedger) => void,
  { listener = () => undefined, limits = {} }: { listener?: RunListener; limits?: { maxDelete?: number } } = {},
) {
  const { trail } = crosstrail.config
  const selection = { ...head.selection, kinds: ['events', 'digest'] as const }
  const writer = new PlanWriter(`${folder}/plan.ndjson`, { ...head, trail, accounts: ['B', 'Z'], selection })
  const ledger = new PlanLedger(writer)
  // Something remains.
  ledger.remain(log(9_999))
  write(ledger)
  const plan = writer.commit(ledger.facts())
  const events: RunEvent[] = []
  const report = await crosstrail.delete({ plan, journalDir: folder, ...limits }, (event) => {
    events.push(event)
    listener(event)
  })
  const skipped = events.flatMap((event) =>
    event.type === 'outcome' && event.outcome.status === 'skipped' ? [event.outcome.object.key] : [],
  )
  const lines = journalLines(report.journalFile ?? '')
  const sent = lines.filter(({ status }) => status === 'intended').map(({ key }) => key)
  return { report, sent, skipped, events }
}

const early = digest(day + hour)
const late = digest(day + 3 * hour)

/** The session of B cannot be opened. */
function refuseSessionOfB(): void {
  world.lab.setFaults({
    hook: ({ operation, query }) =>
      operation === 'AssumeRole' && query.get('RoleArn') === labRoles.B
        ? { status: 403, code: 'AccessDenied', message: 'no' }
        : undefined,
  })
}

test('logs are sent before digests, whatever their order in the plan', async () => {
  const { sent, report } = await carryOut((ledger) => {
    ledger.plan(stored(early), 'Z')
    ledger.plan(stored(log(1)), 'Z')
    ledger.plan(stored(log(2)), 'B')
  })
  expect(sent.at(-1)).toBe(early.key)
  expect(new Set(sent)).toEqual(new Set([log(1).key, log(2).key, early.key]))
  expect(report.accounts.map(({ account, tally }) => [account, tally.done])).toEqual([
    ['B', 1],
    ['Z', 2],
  ])
})

test('a digest stays if one of its logs was not deleted, and an earlier digest is deleted', async () => {
  const kept = log(90)
  const { skipped, sent, report } = await carryOut((ledger) => {
    for (const one of [log(1), kept, early, late]) ledger.plan(stored(one), 'Z')
    world.lab.bucket().put(kept.key, 'replaced since')
  })
  expect(skipped).toEqual([late.key])
  expect(sent).toContain(early.key)
  expect(report.total).toMatchObject({ done: 2, failed: 1, failures: { 'object.changed': 1 } })
})

test('a digest stays if the account that deletes its logs has no session, even if another account deletes the digest', async () => {
  refuseSessionOfB()
  const { skipped, sent, report } = await carryOut((ledger) => {
    ledger.plan(stored(log(1)), 'B')
    ledger.plan(stored(early), 'Z')
  })
  expect([sent, skipped]).toEqual([[], [early.key]])
  expect(report.accounts.map(({ error }) => error?.code)).toEqual(['access.assume-role-denied', undefined])
  expect(report.error).toBeUndefined()
})

test('an account that deletes nothing needs no session', async () => {
  refuseSessionOfB()
  const { report } = await carryOut((ledger) => ledger.plan(stored(log(1)), 'Z'))
  expect(report.accounts.map(({ error }) => error)).toEqual([undefined, undefined])
  expect(report.total.done).toBe(1)
})

test('a bug stops the run, and the journal keeps what was written before', async () => {
  const bug = new TypeError('a bug')
  const thrown = carryOut((ledger) => ledger.plan(stored(log(1)), 'Z'), {
    listener: ({ type }) => {
      if (type === 'outcome') throw bug
    },
  })
  await expect(thrown).rejects.toBe(bug)
  const journal = readFileSync(filesIn(folder, 'delete')[0] ?? '', 'utf8')
  expect(journal).toContain('"status":"intended"')
  expect(journal).not.toContain('"finished"')
})

test('the totals of a plan are reported before the first deletion', async () => {
  const { events } = await carryOut((ledger) => {
    for (let serial = 0; serial < 30; serial++) ledger.plan(stored(log(serial)), 'Z')
  })
  expect(events.slice(0, 4)).toMatchObject([
    { type: 'listed', account: 'B', objects: 0 },
    { type: 'listing-finished', account: 'B' },
    { type: 'listed', account: 'Z', objects: 30, bytes: 300 },
    { type: 'listing-finished', account: 'Z' },
  ])
})

test('a plan that exceeds a safety limit is refused before anything is deleted or written', async () => {
  const refused = carryOut(
    (ledger) => {
      for (const serial of [1, 2]) ledger.plan(stored(log(serial)), 'Z')
    },
    { limits: { maxDelete: 1 } },
  )
  await expect(refused).rejects.toMatchObject({ code: 'usage.delete-too-many' })
  expect(world.lab.requests.count()).toBe(0)
  expect(filesIn(folder, 'delete')).toEqual([])
})
