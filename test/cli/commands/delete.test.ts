import { expect, test } from 'vitest'
import { safetyDefaults, type SafetyLimits } from '../../../src/verbs/delete/options.ts'
import type { ReadyPlan } from '../../../src/verbs/delete/ready-plan.ts'
import { exceededLimits } from '../../../src/verbs/delete/safety-limits.ts'
import { main } from '../../../src/cli/main.ts'
import type { CrosstrailApp, OpenApp } from '../../../src/app/crosstrail.ts'
import { facts, head, log } from '../../verbs/delete/plan-world.ts'
import { config, reportOf, scripted } from '../fixture.ts'
import { Sink, TestHost } from '../host.ts'

const ready = {
  plan: { file: '/plans/p.ndjson', sha256: 'a'.repeat(64), head, facts: facts() },
  protection: { versioning: 'enabled', mfaDelete: false, objectLock: true },
  listCalls: 12,
  deleteCalls: 1,
} as const

/** Runs `delete` with a new plan, either on a terminal where a word is typed or without a terminal. */
async function deleting(
  line: string,
  { typed, ofPlan = ready }: { typed?: string; ofPlan?: Omit<ReadyPlan, 'isKept' | 'refusals'> } = {},
) {
  const asked: {
    plan?: Parameters<CrosstrailApp['planDelete']>[0]
    delete?: Parameters<CrosstrailApp['delete']>[0]
    executed: number
  } = { executed: 0 }
  const deletion: Pick<CrosstrailApp, 'planDelete' | 'readPlan' | 'checkPlan' | 'delete'> = {
    planDelete(request) {
      asked.plan = request
      const limits = { ...safetyDefaults, ...request }
      const refusals = exceededLimits(ofPlan.plan, limits as SafetyLimits, Date.now())
      const isKept = request?.keep !== false && refusals.length === 0
      return Promise.resolve({ report: reportOf([]), ready: { ...ofPlan, isKept, refusals } })
    },
    readPlan: () => Promise.resolve(ofPlan.plan),
    checkPlan: () => Promise.resolve({ ...ofPlan, isKept: true, refusals: [] }),
    delete(request, listener) {
      asked.executed++
      asked.delete = request
      const outcome = {
        status: 'done',
        account: 'Z',
        object: log(1),
        bytes: 10,
        detail: { markerVersionId: 'm' },
      } as const
      listener?.({ type: 'outcome', outcome })
      return Promise.resolve(reportOf([outcome]))
    },
  }
  const services: OpenApp = async (request) => ({ ...(await scripted([]).open(request)), ...deletion })
  const host = new TestHost()
  if (typed !== undefined) {
    Object.assign(host.stdin, { isTTY: true, setRawMode: () => undefined })
    host.stderr.isTTY = true
    setTimeout(() => host.stdin.write(`${typed}\r`), 100)
  }
  const code = await main(line.split(' '), host, services)
  return { code, asked, stdout: (host.stdout as Sink).text, stderr: host.stderr.text }
}

test("deletes after the bucket's name is typed on a terminal", async () => {
  const { code, asked } = await deleting('delete Z --older-than 400d', { typed: config.trail.bucket })
  expect({ code, executed: asked.executed }).toEqual({ code: 0, executed: 1 })
})

test('any other word cancels with exit code 4', async () => {
  const { code, asked, stderr } = await deleting('delete Z --older-than 400d', { typed: 'yes' })
  expect({ code, executed: asked.executed }).toEqual({ code: 4, executed: 0 })
  expect(stderr).toContain('nothing was done')
})

test('without a terminal only --yes deletes; otherwise the exit code is 4', async () => {
  const refused = await deleting('delete Z --older-than 400d')
  expect(refused).toMatchObject({ code: 4, asked: { executed: 0 } })
  expect(refused.stderr).toContain('nothing was deleted: --yes is not given, and there is no terminal to ask on')
  expect(await deleting('delete Z --older-than 400d --yes')).toMatchObject({ code: 0, asked: { executed: 1 } })
})

test.each([
  ['--dry-run', false],
  ['--dry-run --yes', false],
  ['--dry-run --plan p.ndjson', true],
  ['--plan p.ndjson', true],
])('with %s only shows the plan and exits with 0', async (more, keep) => {
  const { code, asked, stdout } = await deleting(`delete Z --older-than 400d ${more}`)
  expect({ code, executed: asked.executed, keep: asked.plan?.keep }).toEqual({ code: 0, executed: 0, keep })
  expect(stdout).toContain('to delete  10 objects')
  expect(stdout).toContain(keep ? 'plan       /plans/p.ndjson' : 'plan       not kept')
})

test('a dry run on a terminal asks no question', async () => {
  const { code, asked, stderr } = await deleting('delete Z --older-than 400d --dry-run', { typed: config.trail.bucket })
  expect({ code, executed: asked.executed }).toEqual({ code: 0, executed: 0 })
  expect(stderr).toContain('nothing was deleted, and no plan was kept')
})

test('a plan that exceeds a safety limit is shown as not kept, and not carried out', async () => {
  const { code, asked, stdout } = await deleting('delete Z --older-than 400d --max-delete 3 --plan p.ndjson --yes')
  expect({ code, executed: asked.executed }).toEqual({ code: 2, executed: 0 })
  expect(stdout).toContain('plan       not kept')
})

test('the suggested command repeats the options that matter, quoted for a shell', async () => {
  const file = { ...ready, plan: { ...ready.plan, file: "it's a plan" } }
  const line =
    'delete Z --older-than 30d --region us-east-1 --allow-recent --max-delete 200000 --mfa-code 123456 --config my.yaml --no-session-policy'
  const { stderr } = await deleting(line, { ofPlan: file })
  const options = '--max-delete 200000 --allow-recent --config my.yaml --no-session-policy'
  expect(stderr).toContain(`crosstrail delete --from-plan 'it'\\''s a plan' --yes ${options}\n`)
})

test('an empty plan asks no question and deletes nothing', async () => {
  const nothing = { ...ready.plan, facts: facts({ planned: { objects: 0, bytes: 0, deletions: 0 } }) }
  const { code, asked, stderr } = await deleting('delete Z --older-than 400d --yes', {
    ofPlan: { ...ready, plan: nothing },
  })
  expect({ code, executed: asked.executed }).toEqual({ code: 0, executed: 0 })
  expect(stderr).toContain('nothing to delete')
})

test('shows the plan with the protection of the bucket, the calls, the file and its hash', async () => {
  const { stdout } = await deleting('delete Z --older-than 400d')
  expect(stdout.split('\n')).toEqual([
    'to delete  10 objects, 100 B, delivered from 2025-01-01T00:00:00Z to 2025-01-01T01:00:00Z',
    'to remain  10 objects, 100 B, delivered from 2025-01-01T00:00:00Z to 2025-01-01T01:00:00Z',
    'bucket     example-cloudtrail-logs: versioning enabled, Object Lock; a delete adds a marker, and the restore command undoes it',
    'calls      12 LIST made, 1 DeleteObjects needed',
    'plan       /plans/p.ndjson',
    `sha-256    ${'a'.repeat(64)}`,
    '',
  ])
})

test('passes all options to the verb', async () => {
  const { asked } = await deleting(
    'delete Z --until 2025-06-01 --kind events,digest --archived-in s3://archive/trail --archived-owner 999999999999 --plan p.ndjson',
  )
  expect(asked.plan).toMatchObject({
    selection: { accounts: ['Z'], kinds: ['events', 'digest'], window: { toMs: Date.UTC(2025, 5, 1) } },
    versions: false,
    bypassGovernance: false,
    archivedIn: 's3://archive/trail',
    archivedOwner: '999999999999',
    planFile: 'p.ndjson',
    journalDir: undefined,
  })
})

test.each([
  ['delete Z', 'delete needs the age or the window of the logs to delete'],
  ['delete Z --older-than 400d --until 2025-01-01', '--older-than does not go together'],
  ['delete Z --older-than 1y', 'cannot read the duration'],
  ['delete Z --older-than 0d', 'expected a duration like 400d'],
  ['delete Z --older-than 400d --bypass-governance', '--bypass-governance needs --versions'],
  ['delete --from-plan p --plan q', '--from-plan does not go together with --plan'],
])('%s is a usage error', async (line, message) => {
  const { code, asked, stderr } = await deleting(line)
  expect({ code, executed: asked.executed }).toEqual({ code: 2, executed: 0 })
  expect(stderr).toContain(message)
})

test('passes the flags of the safety limits to the delete', async () => {
  const line = 'delete Z --older-than 400d --yes --max-delete 20 --allow-recent'
  const { asked } = await deleting(line)
  const limits = { maxDelete: 20, allowRecent: true, allowWholeTrail: false, breakChain: false }
  expect(asked.delete).toMatchObject(limits)
})

test('JSON has the plan, with the codes of the limits that it exceeds', async () => {
  const { code, stdout } = await deleting('delete Z --older-than 400d --max-delete 3 --output json --yes')
  expect(code).toBe(2)
  const { plan } = JSON.parse(stdout) as { plan: Readonly<Record<string, unknown>> }
  expect(plan).toMatchObject({ bucket: config.trail.bucket, fences: ['usage.delete-too-many'] })
  expect(plan).not.toHaveProperty('file')
})
