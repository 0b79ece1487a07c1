import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Crosstrail, openCrosstrail } from '../../src/index.ts'
import type { Fault } from '../../src/lab/faults.ts'
import { labRoles } from '../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'

let lab: Lab
let folder: string
let crosstrail: Crosstrail

beforeAll(async () => {
  lab = await startLab({ sample: { objects: 200 } })
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-library-'))
  const config = {
    trail: { bucket: 'example-cloudtrail-logs', owner: '111111111111', region: 'us-east-1' },
    accounts: { B: { id: '222222222222', role: labRoles.B, credentials: { env: true } } },
  }
  writeFileSync(join(folder, 'crosstrail.json'), JSON.stringify(config))
  vi.stubEnv('AWS_ENDPOINT_URL', lab.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', lab.principals.bAudit.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', lab.principals.bAudit.secretAccessKey)
  crosstrail = await openCrosstrail({ configFile: join(folder, 'crosstrail.json') })
})
afterAll(async () => {
  await crosstrail.close()
  await lab.stop()
  rmSync(folder, { recursive: true })
  vi.unstubAllEnvs()
})
afterEach(() => rmSync(join(folder, 'logs'), { recursive: true, force: true }))

function ownKeys(): string[] {
  return lab
    .bucket()
    .keys()
    .filter((key) => key.startsWith('AWSLogs/222222222222/') && key.endsWith('.json.gz'))
}

function repeating(sent: string | string[] | undefined): Fault | undefined {
  return sent === undefined ? undefined : { status: 403, code: 'AccessDenied', message: `you sent ${String(sent)}` }
}

describe('the library', () => {
  it('lists the logs that the account can read', async () => {
    const keys: string[] = []
    const report = await crosstrail.list({ sorted: true }, (event) => {
      if (event.type === 'outcome' && event.outcome.status === 'done') keys.push(event.outcome.object.key)
    })
    expect(keys).toEqual(ownKeys())
    expect(report.total.done).toBe(keys.length)
  })

  it('makes no more calls per second than its user allows', async () => {
    const options = { configFile: join(folder, 'crosstrail.json'), mostCallsPerSecond: () => 20 }
    const slow = await openCrosstrail(options)
    const startedAt = performance.now()
    const before = lab.requests.count()
    await slow.list()
    const seconds = (performance.now() - startedAt) / 1000
    await slow.close()
    const calls = lab.requests.count() - before
    expect(calls).toBeGreaterThan(8)
    expect(seconds).toBeGreaterThan((calls - 5) / 20)
    await expect(openCrosstrail({ ...options, threads: 2 })).rejects.toMatchObject({ code: 'usage.invalid-value' })
  })

  it('returns a summary', async () => {
    const { summary } = await crosstrail.summarize({ selection: { kinds: ['events'] } })
    expect(summary.total.objects).toBe(ownKeys().filter((key) => key.includes('/CloudTrail/')).length)
  })

  it('downloads whole files, and skips them the next time', async () => {
    const to = join(folder, 'logs')
    const first = await crosstrail.download({ to })
    expect(first.total).toMatchObject({ done: ownKeys().length, failed: 0 })
    for (const key of ownKeys())
      expect(readFileSync(join(to, key)).equals(lab.bucket().get(key)?.body ?? Buffer.of())).toBe(true)
    const again = await crosstrail.download({ to })
    expect(again.total).toMatchObject({ done: 0, skipped: { present: ownKeys().length } })
  })

  it('narrows the session to the verb: a session of list cannot get objects', async () => {
    lab.requests.clear()
    await crosstrail.list({}, () => undefined)
    await crosstrail.download({ to: join(folder, 'logs') })
    const [listing, downloading] = lab.requests.recent('AssumeRole').map(({ query }) => query.get('Policy') ?? '')
    expect(listing).toContain('s3:ListBucket')
    expect(listing).not.toContain('s3:GetObject')
    expect(downloading).toContain('s3:GetObject')
    expect(downloading).not.toContain('s3:DeleteObject')
  })

  it('copies only with an account that allows copy, and only to a valid target', async () => {
    const journalDir = join(folder, 'journals')
    lab.requests.clear()
    const report = await crosstrail.copy({ to: 's3://example-archive/trail', journalDir })
    expect(report.accounts[0]?.error?.code).toBe('access.verb-not-allowed')
    await expect(crosstrail.copy({ to: './logs', journalDir })).rejects.toMatchObject({ code: 'usage.invalid-value' })
    await expect(crosstrail.copy({ to: 's3://example-cloudtrail-logs', journalDir })).rejects.toMatchObject({
      code: 'usage.copy-onto-itself',
    })
    expect(lab.requests.count()).toBe(0)
  })

  it.each([
    ['more deletions than maxDelete', { maxDelete: 3, allowRecent: true }, 'usage.delete-too-many'],
    ['logs of the last 90 days', {}, 'usage.delete-recent'],
    ['everything', { allowRecent: true, include: [] }, 'usage.delete-whole-trail'],
  ])('refuses to delete %s unless the caller allows it, as the command line does', async (_what, asked, code) => {
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }
    const role = lab.iam.role(labRoles.B) ?? { policies: [] }
    const own = role.policies
    Object.assign(role, { policies: [all] })
    const configFile = join(folder, 'deleting.json')
    const { accounts, ...config } = JSON.parse(readFileSync(join(folder, 'crosstrail.json'), 'utf8')) as {
      accounts: { B: object }
    }
    const B = { ...accounts.B, allow: ['list', 'delete'] }
    writeFileSync(configFile, JSON.stringify({ ...config, accounts: { B } }))
    const deleting = await openCrosstrail({ configFile })
    const { include = ['*_us-east-1_*'], ...limits } = asked as { include?: string[]; maxDelete?: number }
    const journalDir = join(folder, 'journals')
    const before = lab.bucket().keys()
    try {
      const selection = { window: { toMs: Date.now() }, include }
      const everyLimit = { maxDelete: 1_000, allowRecent: true, allowWholeTrail: true }
      const { ready } = await deleting.planDelete({ selection, journalDir, ...everyLimit })
      if (ready === undefined) throw new Error('no plan was made')
      expect(ready).toMatchObject({ isKept: true, refusals: [] })
      await expect(deleting.delete({ plan: ready.plan, journalDir, ...limits })).rejects.toMatchObject({ code })

      // The plan itself says so too, and leaves no file.
      const checked = await deleting.planDelete({ selection, journalDir, ...limits })
      expect(checked.ready).toMatchObject({ isKept: false, refusals: [{ code }] })
      expect(existsSync(checked.ready?.plan.file ?? '')).toBe(false)
      expect(lab.bucket().keys()).toEqual(before)
    } finally {
      Object.assign(role, { policies: own })
      await deleting.close()
    }
  })

  it('refuses an address instead of a folder', async () => {
    lab.requests.clear()
    const journalDir = 's3://example-archive/journals'
    await expect(crosstrail.download({ to: 's3://example-archive' })).rejects.toMatchObject({
      code: 'usage.invalid-value',
    })
    await expect(crosstrail.copy({ to: 's3://example-archive', journalDir })).rejects.toMatchObject({
      code: 'usage.invalid-value',
    })
    expect(lab.requests.count()).toBe(0)
  })

  it('masks session secrets that a server repeats in errors, their causes and notes', async () => {
    const [token = ''] = lab.issuedSecrets().slice(-1)
    lab.setFaults({ hook: ({ headers }) => repeating(headers['x-amz-security-token']) })
    const told: unknown[] = []
    told.push(await crosstrail.list({}, (event) => told.push(event)))
    told.push(await crosstrail.listBuckets())
    lab.setFaults({})
    const shown = inspect(told, { depth: 10 })
    expect(shown).toMatch(/you sent \*{4}/)
    expect([token, ...lab.issuedSecrets()].filter((secret) => shown.includes(secret))).toEqual([])
  })

  it('reports an account that does not allow the verb, before any call', async () => {
    const { report } = await crosstrail.listBuckets()
    expect(report.accounts[0]?.error?.code).toBe('access.list-buckets-denied')
  })
})
