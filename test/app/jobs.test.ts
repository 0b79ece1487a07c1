import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { CrosstrailApp } from '../../src/app/crosstrail.ts'
import { openApp } from '../../src/app/open-crosstrail.ts'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { copy } from '../../src/verbs/copy/copy.ts'
import { deletePlanned, planDelete } from '../../src/verbs/delete/delete.ts'
import { download } from '../../src/verbs/download/download.ts'
import type { Host } from '../../src/verbs/host.ts'
import { list, summarize } from '../../src/verbs/list/list.ts'
import { pull } from '../../src/verbs/pull/pull.ts'
import type { PullOptions } from '../../src/verbs/pull/options.ts'
import { readJournal, restore } from '../../src/verbs/restore/restore.ts'
import type { Given, Verb } from '../../src/verbs/verb.ts'

let lab: Lab
let folder: string

beforeAll(async () => {
  lab = await startLab({ sample: { objects: 60 } })
  lab.addBucket({ name: 'example-archive', owner: labAccounts.A, region: 'us-east-1' })
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }
  Object.assign(lab.iam.role(labRoles.Z) ?? {}, { policies: [all] })
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-jobs-'))
  const Z = {
    id: labAccounts.Z,
    role: labRoles.Z,
    externalId: labExternalId,
    credentials: { env: true },
    reads: 'all',
    allow: ['list', 'download', 'copy', 'delete'],
  }
  const trail = { bucket: labBucket, owner: labAccounts.A, region: 'us-east-1' }
  writeFileSync(join(folder, 'crosstrail.json'), JSON.stringify({ trail, accounts: { Z } }))
  vi.stubEnv('AWS_ENDPOINT_URL', lab.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', lab.principals.zAudit.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', lab.principals.zAudit.secretAccessKey)
})
afterAll(async () => {
  await lab.stop()
  rmSync(folder, { recursive: true, force: true })
  vi.unstubAllEnvs()
})

/** Runs a verb with its job converted to JSON and back. Returns the jobs and the report. */
async function carried<O extends object, D extends Partial<O>, R>(
  verb: Verb<O, D, R>,
  options: Given<O, D> | ((crosstrail: CrosstrailApp) => Promise<Given<O, D>>),
) {
  const crosstrail = await openApp({ configFile: join(folder, 'crosstrail.json') })
  const jobs: unknown[] = []
  const carrying: Verb<O, D, R> = {
    ...verb,
    run: (whole, host) =>
      verb.run(whole, {
        ...host,
        work: (frame, work) => {
          jobs.push(work.job)
          return host.work(frame, { ...work, job: JSON.parse(JSON.stringify(work.job)) as typeof work.job })
        },
        workOn: (frame, work) => {
          jobs.push(work.job)
          return host.workOn(frame, { ...work, job: JSON.parse(JSON.stringify(work.job)) as typeof work.job })
        },
      } satisfies Host),
  }
  try {
    const given = typeof options === 'function' ? await options(crosstrail) : options
    return { report: await crosstrail.run(carrying, given), jobs }
  } finally {
    await crosstrail.close()
  }
}

const logs = () =>
  lab
    .bucket()
    .keys()
    .filter((key) => key.startsWith('AWSLogs/') && key.endsWith('.json.gz')).length
const kinds = { selection: { kinds: ['events'] as const } }
const files = { decompress: false, maxInflatedBytes: 1e8 }
const sinks: Record<string, PullOptions['sink']> = {
  folder: { type: 'folder', ...files },
  exec: { type: 'exec', ...files, command: 'test -s', atATime: 2 },
  ndjson: { type: 'ndjson', rotate: {}, publishAtEnd: true, maxInflatedBytes: 1e8 },
  s3: { type: 's3', to: 's3://example-archive/pulled', storage: {} },
}

test('list works with a job that was converted to JSON and back', async () => {
  const { report, jobs } = await carried(list, kinds)
  expect(report.total).toMatchObject({ failed: 0 })
  expect(report.total.done).toBeGreaterThan(10)
  expect(jobs).toEqual(JSON.parse(JSON.stringify(jobs)))
})

test('list --summary works with a job that was converted to JSON and back', async () => {
  const { report, jobs } = await carried(summarize, kinds)
  expect(report.summary.total.objects).toBe(report.report.total.done)
  expect(jobs).toEqual(JSON.parse(JSON.stringify(jobs)))
})

test('download works with a job that was converted to JSON and back', async () => {
  const to = join(folder, 'download')
  const { report, jobs } = await carried(download, { to, maxObjects: 7 })
  expect(report.total).toMatchObject({ done: 7, failed: 0 })
  expect(jobs).toEqual(JSON.parse(JSON.stringify(jobs)))
  expect(readdirSync(to)).toContain('AWSLogs')
})

test('copy works with a job that was converted to JSON and back', async () => {
  const journalDir = join(folder, 'journals')
  const { report, jobs } = await carried(copy, { to: 's3://example-archive/copied', maxObjects: 5, journalDir })
  expect(report.total).toMatchObject({ done: 5, failed: 0 })
  expect(jobs).toEqual(JSON.parse(JSON.stringify(jobs)))
  expect(
    lab
      .bucket('example-archive')
      .keys()
      .filter((key) => key.startsWith('copied/')),
  ).toHaveLength(5)
})

test.each(Object.keys(sinks))('pull to %s works with a job that was converted to JSON and back', async (name) => {
  const sink = sinks[name]
  if (sink === undefined) throw new Error(name)
  const { report, jobs } = await carried(pull, { to: join(folder, name), sink, sinceMs: 0 })
  expect(report.total).toMatchObject({ failed: 0 })
  expect(report.total.done).toBe(logs())
  expect(jobs).toEqual(JSON.parse(JSON.stringify(jobs)))
})

test('planning a delete, the delete and its restore work with jobs that JSON has carried', async () => {
  lab.bucket().versioning = 'Enabled'
  const journalDir = join(folder, 'journals')
  const selection = { window: { toMs: Date.now() }, include: ['*_us-east-1_*'] }
  const planned = await carried(planDelete, { selection, allowRecent: true, journalDir })
  const plan = planned.report.ready?.plan
  if (plan === undefined) throw new Error('no plan was made')
  const { deletions } = plan.facts.planned
  const before = logs()
  expect(deletions).toBeGreaterThan(0)

  const deleted = await carried(deletePlanned, { plan, allowRecent: true, journalDir })
  expect(deleted.report.total).toMatchObject({ done: deletions, failed: 0 })
  expect(logs()).toBe(before - deletions)

  const file = deleted.report.journalFile
  const restored = await carried(restore, async (crosstrail) => ({
    journal: await crosstrail.run(readJournal, { file, journalDir }),
    journalDir,
  }))
  expect(restored.report.total).toMatchObject({ done: deletions, failed: 0 })
  expect(logs()).toBe(before)

  const jobs = [...planned.jobs, ...deleted.jobs, ...restored.jobs]
  expect(jobs).toMatchObject([{ verb: 'plan' }, { verb: 'delete' }, { verb: 'restore' }])
  expect(jobs).toEqual(JSON.parse(JSON.stringify(jobs)))
})

test('a session is narrowed to the rights that its verb declares', async () => {
  const policies = () => lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
  await carried(list, kinds)
  expect(policies().at(-1)).not.toContain('s3:GetObjectTagging')
  await carried({ ...list, rights: () => ({ allow: ['list'], needs: ['list', 'readTags'] }) }, kinds)
  expect(policies().at(-1)).toContain('s3:GetObjectTagging')
})
