import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import { trailFromMs } from './support/altered-trail.ts'
import { jsonLines } from './support/crosstrail.ts'
import { findings, GrowingTrail, rows, verified } from './support/growing-trail.ts'
import { filesOf } from './support/tree.ts'

let growing: GrowingTrail
beforeEach(async () => {
  growing = await GrowingTrail.start()
})
afterEach(() => growing.trail.world.stop())

test('each log is verified once, when its digest and the next one have arrived', async () => {
  const { trail } = growing
  const seen: string[] = []
  for (const hours of [2.5, 5.2, 5.4, 8.2]) {
    growing.goTo(hours)
    trail.world.lab.requests.clear()
    const result = await growing.pull()
    expect(result).toMatchObject({ exitCode: 0 })
    expect(findings(result)).toEqual([])
    seen.push(...verified(result))
    expect(seen.toSorted()).toEqual(growing.logsBefore(Math.floor(hours) - 1).toSorted())
    expect(rows(result, 'log').every(({ state }) => state === 'verified')).toBe(true)
    // No digest is due, so none is requested.
    if (hours === 5.4) expect(trail.world.lab.requests.count('ListPublicKeys')).toBe(0)
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(await growing.status()).toMatchObject({
    events: { verifiedUntil: '2026-11-01T06:59:00Z' },
    digest: { verifiedUntil: '2026-11-01T08:00:00Z' },
  })
})

test('finds a changed, a missing and an added log, and fails only with --fail-on-gap', async () => {
  const { stream, trail } = growing
  const [changed = '', gone = ''] = growing.logsBefore(3)
  stream.replace(changed, gzipSync(`${gunzipSync(stream.body(changed)).toString()} `))
  stream.remove(gone)
  stream.addLog(trailFromMs + 2.5 * hourMs)
  growing.goTo(5.2)
  const result = await growing.pull()
  expect(result.exitCode).toBe(0)
  expect(findings(result).toSorted()).toEqual(['verify.log-hash', 'verify.log-missing', 'verify.log-unlisted'])
  expect(result.stderr).not.toContain('pull.gap')
  const summary = result.stderr.split('\n').find((line) => line.startsWith('{"verification"'))
  const counts = { 'verify.log-hash': 1, 'verify.log-missing': 1, 'verify.log-unlisted': 1 }
  expect(jsonLines(`${String(summary)}\n`)).toMatchObject([{ verification: { findings: counts } }])
  expect(await growing.status()).toMatchObject({ events: { gaps: 1 } })
  growing.to = trail.world.newPath()
  const metrics = `${trail.world.newPath()}.prom`
  expect(await growing.pull('--fail-on-gap', '--metrics-file', metrics)).toMatchObject({ exitCode: 1 })
  const page = readFileSync(metrics, 'utf8')
  expect(page).toMatch(/^crosstrail_pull_last_run_verified_logs \d\d$/m)
  expect(page).toMatch(/^crosstrail_pull_last_run_verify_findings\{code="verify.log-missing"\} 1$/m)
  expect(page).toMatch(/^crosstrail_pull_verified_timestamp_seconds\{.*kind="events".*\} 1.*$/m)
  growing.goTo(6.2)
  expect(await growing.pull('--fail-on-gap')).toMatchObject({ exitCode: 0 })
})

test('a verification that fails is an error of the pull, loses no log, and is repeated by the next pull', async () => {
  growing.goTo(5.2)
  const { world } = growing.trail
  const env = { ...growing.env, AWS_ENDPOINT_URL_CLOUDTRAIL: 'http://127.0.0.1:9' }
  const failed = await world.run([...growing.args, '--max-attempts', '1'], { env })
  expect(failed.exitCode).toBe(1)
  expect(failed.stderr).toContain('account Z failed')
  expect(filesOf(growing.to).filter((file) => file.includes('/CloudTrail/'))).toHaveLength(60)
  expect(verified(await growing.pull())).toHaveLength(growing.logsBefore(4).length)
})

test('a pull that is killed while it verifies has taken its logs, and the next one verifies them', async () => {
  growing.goTo(5.2)
  const { world } = growing.trail
  const running = world.start(growing.args, { env: growing.env })
  world.lab.setFaults({
    hook({ operation }) {
      if (operation === 'ListPublicKeys') running.child.kill('SIGKILL')
      return undefined
    },
  })
  expect(await running.result).toMatchObject({ signal: 'SIGKILL' })
  world.lab.setFaults({})
  const result = await growing.pull()
  expect(result.exitCode).toBe(0)
  expect(verified(result)).toHaveLength(growing.logsBefore(4).length)
})
