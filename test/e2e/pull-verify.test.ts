import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../src/trail/calendar.ts'
import { type AlteredStream, type AlteredTrail, trailFromMs, trailOf } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { clockFrom } from './support/shifted-clock.ts'
import { filesOf } from './support/tree.ts'

const region = 'us-east-1'
/** The time of the lab and of the command. */
let nowMs: number
let trail: AlteredTrail
let stream: AlteredStream
let to: string
/** The digests that have not arrived yet. */
let later: { readonly endMs: number; readonly key: string; readonly put: () => void }[]

beforeEach(async () => {
  nowMs = trailFromMs
  trail = await trailOf([region], 60, { now: () => nowMs })
  stream = trail.stream(region)
  to = trail.world.newPath()
  later = []
  for (const [at, key] of stream.digests.entries()) {
    const body = stream.body(key)
    const metadata = stream.metadata(key)
    stream.remove(key)
    const put = () => trail.world.lab.bucket().put(key, body, { metadata })
    later.push({ endMs: trailFromMs + (at + 1) * hourMs, key, put })
  }
})
afterEach(() => trail.world.stop())

/** Lets the clock and the digests of the trail go on. Logs of the whole trail are there from the start. */
function goTo(hours: number): void {
  nowMs = trailFromMs + hours * hourMs
  for (const digest of later.splice(0)) {
    if (digest.endMs + 5 * minuteMs <= nowMs) digest.put()
    else later.push(digest)
  }
}

function pull(...more: readonly string[]): Promise<CommandResult> {
  const args = ['pull', 'Z', '--config', trail.config, '--to', to, '--since', '2026-11-01', '--verify', ...more]
  return trail.world.run([...args, '--output', 'json'], { env: clockFrom(nowMs) })
}

function rows({ stdout }: CommandResult, type: string): Record<string, unknown>[] {
  return jsonLines(stdout).filter((row) => row['type'] === type)
}

function verified(result: CommandResult): string[] {
  return rows(result, 'log')
    .filter(({ state }) => state === 'verified')
    .map(({ key }) => String(key))
}

function findings(result: CommandResult): unknown[] {
  return rows(result, 'finding').map(({ code }) => code)
}

/** Logs that were delivered before that hour. */
function logsBefore(hours: number): string[] {
  return stream.logs.filter((key) => deliveredAt(key) < trailFromMs + hours * hourMs)
}

function deliveredAt(key: string): number {
  const [, day = '', time = ''] = /_(\d{8})T(\d{4})Z_/.exec(key) ?? []
  return Date.parse(`${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)/, '$1:')}Z`)
}

test('each log is verified once, by the pull after its digest and the next one have arrived', async () => {
  const seen: string[] = []
  for (const hours of [2.5, 3.2, 3.5, 5.2, 8.2]) {
    goTo(hours)
    const result = await pull()
    expect(result).toMatchObject({ exitCode: 0 })
    expect(findings(result)).toEqual([])
    seen.push(...verified(result))
    // What was delivered in the last minute before the end of a period may be in the next digest.
    const untilMs = trailFromMs + (Math.floor(hours) - 1) * hourMs - minuteMs
    expect(seen.toSorted()).toEqual(stream.logs.filter((key) => deliveredAt(key) < untilMs).toSorted())
    expect(rows(result, 'log').every(({ state }) => state === 'verified')).toBe(true)
  }
  expect(new Set(seen).size).toBe(seen.length)
  const status = await trail.world.run(['pull', 'status', '--to', to, '--output', 'json'], { env: clockFrom(nowMs) })
  expect(jsonLines(status.stdout)).toMatchObject([
    { kind: 'events', verifiedUntil: '2026-11-01T06:59:00Z' },
    { kind: 'digest', verifiedUntil: '2026-11-01T08:00:00Z' },
  ])
  const table = await trail.world.run(['pull', 'status', '--to', to], { env: clockFrom(nowMs) })
  expect(table.stdout).toContain('VERIFIED UNTIL')
})

test('a pull before the next digest is due requests no digest and verifies nothing', async () => {
  goTo(4.2)
  await pull()
  trail.world.lab.requests.clear()
  const { exitCode, stdout } = await pull()
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
  expect(trail.world.lab.requests.recent('GetObject')).toEqual([])
  expect(trail.world.lab.requests.recent('ListPublicKeys')).toEqual([])
})

test('finds a changed, a missing and an added log, and fails only with --fail-on-gap', async () => {
  const changed = stream.logs.find((key) => deliveredAt(key) > trailFromMs + hourMs) ?? ''
  const gone = stream.logs.find((key) => deliveredAt(key) > trailFromMs + 2 * hourMs) ?? ''
  stream.replace(changed, gzipSync(`${gunzipSync(stream.body(changed)).toString()} `))
  stream.remove(gone)
  stream.addLog(trailFromMs + 2.5 * hourMs)
  goTo(5.2)
  const result = await pull()
  expect(result.exitCode).toBe(0)
  expect(findings(result).toSorted()).toEqual(['verify.log-hash', 'verify.log-missing', 'verify.log-unlisted'])
  expect(result.stderr).not.toContain('pull.gap')
  expect(jsonLines(result.stderr).find((row) => 'verification' in row)).toMatchObject({
    verification: { findings: { 'verify.log-hash': 1, 'verify.log-missing': 1, 'verify.log-unlisted': 1 } },
  })
  const status = await trail.world.run(['pull', 'status', '--to', to, '--output', 'json'], { env: clockFrom(nowMs) })
  expect(jsonLines(status.stdout)[0]).toMatchObject({ kind: 'events', gaps: 1 })
  to = trail.world.newPath()
  const metrics = trail.world.newPath()
  const failing = await pull('--fail-on-gap', '--metrics-file', `${metrics}.prom`)
  expect(failing.exitCode).toBe(1)
  const page = readFileSync(`${metrics}.prom`, 'utf8')
  expect(page).toMatch(/^crosstrail_pull_last_run_verified_logs \d\d$/m)
  expect(page).toMatch(/^crosstrail_pull_last_run_verify_findings\{code="verify.log-missing"\} 1$/m)
  expect(page).toMatch(/^crosstrail_pull_verified_timestamp_seconds\{.*kind="events".*\} 1.*$/m)
  // Each finding once.
  goTo(6.2)
  expect(await pull('--fail-on-gap')).toMatchObject({ exitCode: 0 })
})

test('names the period of a missing digest once', async () => {
  later = later.filter(({ key }) => key !== stream.digest(2))
  const codes: unknown[] = []
  for (const hours of [2.2, 3.2, 4.2, 5.2, 6.2, 8.2]) {
    goTo(hours)
    codes.push(...findings(await pull()))
  }
  expect(codes).toEqual(['verify.digest-missing'])
})

test('names each period once if no more digests come', async () => {
  later = later.slice(0, 3)
  const codes: unknown[] = []
  for (const hours of [3.2, 5.9, 6.2, 7.5, 8.2, 9.2]) {
    goTo(hours)
    codes.push(...rows(await pull(), 'finding').map(({ code, start }) => `${String(code)} ${String(start)}`))
  }
  expect(codes.filter((code) => code.startsWith('verify.digest-missing'))).toEqual(
    ['03', '04', '05', '06'].map((hour) => `verify.digest-missing 2026-11-01T${hour}:00:00Z`),
  )
  expect(codes).toHaveLength(4)
})

test('a log that appears after its time was verified is verified too', async () => {
  goTo(6.2)
  await pull()
  const key = stream.addLog(trailFromMs + 1.5 * hourMs)
  goTo(6.4)
  const result = await pull()
  expect(rows(result, 'finding')).toMatchObject([{ code: 'verify.log-unlisted', key }])
  goTo(6.6)
  expect(findings(await pull())).toEqual([])
})

test('reads the files, and the bucket where files were moved away', async () => {
  goTo(2.2)
  await pull()
  const files = filesOf(to).filter((file) => file.includes('/CloudTrail/'))
  const file = join(to, files.at(-1) ?? '')
  const { mtime } = statSync(file)
  writeFileSync(file, gzipSync('{"Records":[]}'))
  utimesSync(file, mtime, mtime)
  goTo(9.2)
  const result = await pull()
  expect(rows(result, 'finding')).toMatchObject([{ code: 'verify.log-hash' }])
  expect(result.stdout).toContain(`in the file ${file}`)
})

describe('a verification that fails', () => {
  test('is an error of the pull, loses no log, and is repeated by the next pull', async () => {
    goTo(5.2)
    const args = ['pull', 'Z', '--config', trail.config, '--to', to, '--since', '2026-11-01', '--verify']
    const env = { ...clockFrom(nowMs), AWS_ENDPOINT_URL_CLOUDTRAIL: 'http://127.0.0.1:9' }
    const failed = await trail.world.run([...args, '--max-attempts', '1'], { env })
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('account Z failed')
    expect(filesOf(to).filter((file) => file.includes('/CloudTrail/'))).toHaveLength(60)
    expect(verified(await pull()).length).toBe(logsBefore(4 - 1 / 60).length)
  })

  test('of one log is repeated for it', async () => {
    goTo(5.2)
    const key = logsBefore(2).at(-1) ?? ''
    await pull()
    to = trail.world.newPath()
    // The files are not needed: a pull of events does not keep them.
    let gets = 0
    trail.world.lab.setFaults({
      hook: (request) =>
        request.operation === 'GetObject' && request.key === key && gets++ > 0 ? 'internalError' : undefined,
    })
    const events = ['--format', 'ndjson', '--max-attempts', '1']
    const failed = await pull(...events)
    trail.world.lab.setFaults({})
    expect(failed.exitCode).toBe(1)
    expect(rows(failed, 'log').filter(({ state }) => state === 'failed')).toMatchObject([{ key }])
    goTo(6.2)
    expect(verified(await pull(...events))).toContain(key)
  })

  test('is refused before anything is taken if the keys are unusable', async () => {
    goTo(5.2)
    const keys = trail.world.newPath()
    writeFileSync(keys, '[]')
    trail.world.lab.requests.clear()
    const { exitCode, stderr } = await pull('--keys', keys)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(keys)
    expect(trail.world.lab.requests.count()).toBe(0)
  })
})

test('a pull that is killed while it verifies has taken its logs, and the next one verifies them', async () => {
  goTo(5.2)
  const args = ['pull', 'Z', '--config', trail.config, '--to', to, '--since', '2026-11-01', '--verify']
  const running = trail.world.start(args, { env: clockFrom(nowMs) })
  trail.world.lab.setFaults({
    hook({ operation }) {
      if (operation === 'ListPublicKeys') running.child.kill('SIGKILL')
      return undefined
    },
  })
  expect(await running.result).toMatchObject({ signal: 'SIGKILL' })
  trail.world.lab.setFaults({})
  const result = await pull()
  expect(result.exitCode).toBe(0)
  expect(verified(result).length).toBe(logsBefore(4 - 1 / 60).length)
  expect(rows(result, 'digest').length).toBeGreaterThan(0)
})

test('as a service it counts verified logs and findings', async () => {
  stream.remove(logsBefore(2).at(-1) ?? '')
  goTo(5.2)
  const args = ['pull', 'Z', '--config', trail.config, '--to', to, '--since', '2026-11-01', '--verify']
  const metrics = `${trail.world.newPath()}.prom`
  const running = trail.world.start([...args, '--every', '1h', '--metrics-file', metrics], { env: clockFrom(nowMs) })
  running.child.stderr?.on('data', (text: string) => {
    if (String(text).includes('pulled') || String(text).includes('swept')) running.child.kill('SIGTERM')
  })
  const { exitCode, stderr } = await running.result
  expect(exitCode).toBe(143)
  expect(stderr).toMatch(/^finding: the log .* is missing: .*\(verify\.log-missing\)$/m)
  expect(stderr).toMatch(/, verified \d+ logs with 1 findings/)
  const page = readFileSync(metrics, 'utf8')
  expect(page).toMatch(/^crosstrail_pull_verified_logs_total \d+$/m)
  expect(page).toMatch(/^crosstrail_pull_verify_findings_total\{code="verify.log-missing"\} 1$/m)
})
