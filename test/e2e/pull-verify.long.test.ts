import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { hourMs } from '../../src/trail/calendar.ts'
import { trailFromMs } from './support/altered-trail.ts'
import { deliveredAt, findings, GrowingTrail, rows, verified } from './support/growing-trail.ts'

let growing: GrowingTrail
beforeEach(async () => {
  growing = await GrowingTrail.start()
})
afterEach(() => growing.trail.world.stop())

test('names the period of a missing digest once', async () => {
  growing.later = growing.later.filter(({ key }) => key !== growing.stream.digest(2))
  const codes: string[] = []
  for (const hours of [2.2, 3.2, 4.2, 5.2, 6.2, 8.2]) {
    growing.goTo(hours)
    codes.push(...findings(await growing.pull()))
  }
  expect(codes).toEqual(['verify.digest-missing'])
})

test('names each period once if no more digests come', async () => {
  growing.later = growing.later.slice(0, 3)
  const found: string[] = []
  for (const hours of [3.2, 5.9, 6.2, 7.5, 8.2, 9.2]) {
    growing.goTo(hours)
    found.push(...rows(await growing.pull(), 'finding').map(({ code, start }) => `${String(code)} ${String(start)}`))
  }
  expect(found).toEqual(['03', '04', '05', '06'].map((hour) => `verify.digest-missing 2026-11-01T${hour}:00:00Z`))
})

test('reports a digest with a wrong signature once, and its logs as not verified', async () => {
  const wrong = growing.stream.digest(2)
  const codes: string[] = []
  const states: unknown[] = []
  for (const hours of [2.2, 3.2, 4.2, 5.2, 6.2]) {
    growing.goTo(hours)
    if (hours === 3.2) {
      const metadata = growing.stream.metadata(wrong)
      growing.stream.replace(wrong, growing.stream.body(wrong), { ...metadata, signature: 'ab'.repeat(256) })
    }
    const result = await growing.pull()
    codes.push(...findings(result))
    states.push(...rows(result, 'log').map(({ state }) => state))
  }
  expect(codes.toSorted()).toEqual(['verify.previous-signature', 'verify.signature-wrong'])
  expect(new Set(states)).toEqual(new Set(['verified', 'unproven']))
})

test('a log that appears after its time was verified is verified too', async () => {
  growing.goTo(6.2)
  await growing.pull()
  const key = growing.stream.addLog(trailFromMs + 1.5 * hourMs)
  growing.goTo(6.4)
  expect(rows(await growing.pull(), 'finding')).toMatchObject([{ code: 'verify.log-unlisted', key }])
  growing.goTo(6.6)
  expect(findings(await growing.pull())).toEqual([])
})

test('verifies the files, and the bucket where files were moved away', async () => {
  growing.goTo(2.2)
  await growing.pull()
  const [changed = '', moved = ''] = growing
    .logsBefore(7)
    .filter((key) => deliveredAt(key) > trailFromMs + 3 * hourMs)
    .map((key) => join(growing.to, key))
  const { mtime } = statSync(changed)
  writeFileSync(changed, gzipSync('{"Records":[]}'))
  utimesSync(changed, mtime, mtime)
  rmSync(moved)
  growing.goTo(8.2)
  const result = await growing.pull()
  expect(rows(result, 'finding')).toMatchObject([{ code: 'verify.log-hash' }])
  expect(result.stdout).toContain(`in the file ${changed}`)
  expect(verified(result).map((key) => join(growing.to, key))).toContain(moved)
})

test.each([['--format ndjson'], ['--decompress'], ['--exec gzip -t {}']])('verifies with %s', async (more) => {
  growing.goTo(5.2)
  const [option = '', ...value] = more.split(' ')
  const result = await growing.pull(option, ...(value.length === 0 ? [] : [value.join(' ')]))
  expect(result.exitCode).toBe(0)
  expect(verified(result)).toHaveLength(growing.logsBefore(4).length)
})

test('verifies what a pull copies to another bucket', async () => {
  growing.goTo(5.2)
  const { world } = growing.trail
  world.lab.addBucket({ name: 'example-archive', owner: labAccounts.A, region: 'us-east-1' })
  const role = world.lab.iam.role('arn:aws:iam::111111111111:role/CloudTrailLogs-Z')
  if (role === undefined) throw new Error('the lab has no role for Z')
  role.policies = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }]
  const config = world.configWith((text) => text.replaceAll('[list, download]', '[list, download, copy, verify]'))
  const to = ['--to', 's3://example-archive/trail', '--state', world.newPath()]
  const args = ['pull', 'Z', '--config', config, ...to, '--since', '2026-11-01', '--verify', '--output', 'json']
  const result = await world.run(args, { env: growing.env })
  expect(result).toMatchObject({ exitCode: 0 })
  expect(verified(result)).toHaveLength(growing.logsBefore(4).length)
})

test('a log that could not be read is verified by the next pull', async () => {
  growing.goTo(5.2)
  const { lab } = growing.trail.world
  const key = growing.logsBefore(2).at(-1) ?? ''
  let gets = 0
  lab.setFaults({
    hook: (request) =>
      request.operation === 'GetObject' && request.key === key && gets++ > 0 ? 'internalError' : undefined,
  })
  // A pull of events keeps no files, so each log is read twice.
  const events = ['--format', 'ndjson', '--max-attempts', '1']
  const failed = await growing.pull(...events)
  lab.setFaults({})
  expect(failed.exitCode).toBe(1)
  expect(rows(failed, 'log').filter(({ state }) => state === 'failed')).toMatchObject([
    { key, code: 'bucket.server-error' },
  ])
  growing.goTo(6.2)
  expect(verified(await growing.pull(...events))).toContain(key)
})

test('unusable keys are refused before anything is taken', async () => {
  growing.goTo(5.2)
  const { world } = growing.trail
  const keys = world.newPath()
  writeFileSync(keys, '[]')
  world.lab.requests.clear()
  const { exitCode, stderr } = await growing.pull('--keys', keys)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(keys)
  expect(world.lab.requests.count()).toBe(0)
})

test('digests that an earlier pull did not compare are verified instead, and its gaps are not reported twice', async () => {
  growing.goTo(5.2)
  const gone = growing.logsBefore(3).at(-1) ?? ''
  growing.stream.remove(gone)
  const { world } = growing.trail
  const plain = growing.args.filter((arg) => arg !== '--verify')
  const first = await world.run(plain, { env: growing.env })
  expect(first.stderr).toContain(`digests list 1 log that the bucket does not have, the first ${gone}`)
  growing.goTo(5.4)
  const second = await growing.pull()
  expect(rows(second, 'finding')).toMatchObject([{ code: 'verify.log-missing', key: gone }])
  expect(second.stderr).not.toContain('pull.gap')
})

test('as a service it counts verified logs and findings', async () => {
  growing.stream.remove(growing.logsBefore(2).at(-1) ?? '')
  growing.goTo(5.2)
  const { world } = growing.trail
  const metrics = `${world.newPath()}.prom`
  const args = [...growing.args, '--every', '1h', '--metrics-file', metrics]
  const running = world.start(args, { env: growing.env })
  running.child.stderr?.on('data', (text: string) => {
    if (/^(pulled|swept)/m.test(text)) running.child.kill('SIGTERM')
  })
  const { exitCode, stderr } = await running.result
  expect(exitCode).toBe(143)
  expect(stderr).toMatch(/^finding: the log .* is missing: .*\(verify\.log-missing\)$/m)
  expect(stderr).toMatch(/, verified \d+ logs with 1 finding$/m)
  const page = readFileSync(metrics, 'utf8')
  expect(page).toMatch(/^crosstrail_pull_verified_logs_total \d+$/m)
  expect(page).toMatch(/^crosstrail_pull_verify_findings_total\{code="verify.log-missing"\} 1$/m)
})

test('an interrupted pull is not verified, and the next one verifies its logs', async () => {
  growing.goTo(5.2)
  const { world } = growing.trail
  const running = world.start(growing.args, { env: growing.env })
  let gets = 0
  world.lab.setFaults({
    hook({ operation }) {
      if (operation === 'GetObject' && gets++ === 0) running.child.kill('SIGINT')
      return operation === 'GetObject' ? { latencyMs: 50 } : undefined
    },
  })
  const { exitCode, stderr } = await running.result
  world.lab.setFaults({})
  expect(exitCode).toBe(130)
  expect(stderr).toContain('the logs were not verified, because the run did not get to its end')
  expect(verified(await growing.pull())).toHaveLength(growing.logsBefore(4).length)
})
