import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReportFigures } from '../../src/verbs/report/figures.ts'
import { trailFromMs, trailOf, trailWindow } from './support/altered-trail.ts'
import type { CommandResult } from './support/crosstrail.ts'
import { filesOf, verifiedTrail, type VerifiedTrail } from './support/verified-trail.ts'

let trail: VerifiedTrail
beforeAll(async () => {
  trail = await verifiedTrail()
})
afterAll(() => trail.world.stop())

const report = (...args: readonly string[]) => trail.world.run(['report', '--config', trail.config, ...args])

function figuresOf({ stdout }: CommandResult): ReportFigures {
  return JSON.parse(stdout) as ReportFigures
}

function statesOf({ map }: ReportFigures): Record<string, readonly (string | undefined)[]> {
  return Object.fromEntries(
    map.rows.map(({ region, states }) => [region, Array.from(states, (letter) => map.letters[letter])]),
  )
}

describe('a report about the bucket', () => {
  test('is complete, and writes a page that only its owner can read', async () => {
    const file = trail.world.newPath()
    const result = await report('Z', ...trailWindow, '--report', file)
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stdout).toContain('Complete: everything was looked at, and there are no findings\n136 objects')
    expect(result.stdout).toContain('of 1 log account in 2 regions')
    expect(result.stdout).toContain(`wrote ${file}`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/)
  })

  test('has all figures as one JSON document, and then writes no page', async () => {
    const figures = figuresOf(await report('Z', ...trailWindow, '--output', 'json'))
    expect(figures).toMatchObject({
      report: 'crosstrail',
      version: 1,
      verdict: 'complete',
      scope: { from: '2026-11-01T00:00:00Z', until: '2026-11-01T08:00:00Z', integrity: 'digests' },
      unchecked: [],
      findings: [],
      totals: [
        { kind: 'events', objects: 120 },
        { kind: 'digest', objects: 16 },
      ],
      months: [{ month: '2026-11', objects: 136 }],
      delay: { logs: 120 },
      protection: { versioning: 'off', objectLock: 'off', encryption: 'AES256', lifecycle: [] },
    })
    expect(statesOf(figures)).toEqual({ 'eu-west-1': ['delivered'], 'us-east-1': ['delivered'] })
    expect(figures.chains).toHaveLength(2)
    for (const chain of figures.chains) {
      expect(chain).toMatchObject({ digestsExpected: 8, digestsProven: 8, logsMissing: 0, logsVerified: 0 })
      expect(chain).toMatchObject({ provenUntil: '2026-11-01T08:00:00Z' })
    }
    expect(figures.chains.reduce((sum, { logsListed }) => sum + logsListed, 0)).toBe(120)
    expect(figures.keys.reduce((sum, { digests }) => sum + digests, 0)).toBe(16)
    expect(existsSync('crosstrail-report.html')).toBe(false)
  })

  test('reads no log without --verify, and all of them with it', async () => {
    const gets = () => trail.world.lab.requests.count('GetObject')
    const before = gets()
    await report('Z', ...trailWindow, '--output', 'json')
    const forDigests = gets() - before
    expect(forDigests).toBeLessThan(40)
    const figures = figuresOf(await report('Z', ...trailWindow, '--output', 'json', '--verify'))
    expect(gets()).toBe(before + 2 * forDigests + 120)
    expect(figures.scope.integrity).toBe('logs')
    expect(statesOf(figures)).toEqual({ 'eu-west-1': ['verified'], 'us-east-1': ['verified'] })
    expect(figures.chains.reduce((sum, { logsVerified }) => sum + logsVerified, 0)).toBe(120)
  })

  test('counts events with --events', async () => {
    const { events } = figuresOf(await report('Z', ...trailWindow, '--output', 'json', '--events'))
    const result = await trail.world.run([
      'events',
      '--config',
      trail.config,
      'Z',
      ...trailWindow,
      '--count-by',
      'eventName',
      '--output',
      'json',
    ])
    const counts = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { count: number; eventName: string })
    expect(events?.records).toBe(counts.reduce((sum, { count }) => sum + count, 0))
    expect(events?.names).toEqual(counts.slice(0, 20).map(({ count, eventName }) => ({ value: eventName, count })))
    expect(events?.users.length).toBeGreaterThan(0)
  })

  test('that cannot read for an account is partial and does not exit 0', async () => {
    const result = await report('B', 'Z', ...trailWindow, '--output', 'json')
    expect(result.exitCode).toBe(3)
    expect(figuresOf(result)).toMatchObject({
      verdict: 'partial',
      unchecked: [{ account: 'B', code: 'access.list-public-keys-denied' }],
    })
  })

  test('says that the bucket lacks a region that was asked for', async () => {
    const result = await report(
      'Z',
      ...trailWindow,
      '--region',
      'us-east-1',
      '--region',
      'eu-north-1',
      '--output',
      'json',
    )
    expect(figuresOf(result)).toMatchObject({ verdict: 'findings', findingCounts: { 'report.not-in-bucket': 1 } })
  })
})

describe('what is wrong with a trail', () => {
  test('is in the map, the findings and the exit code with --fail-on-gap', async () => {
    const { world, config, stream } = await trailOf(['us-east-1', 'eu-west-1', 'eu-west-2', 'eu-west-3'], 160)
    try {
      stream('us-east-1').remove(stream('us-east-1').logOf(3))
      stream('eu-west-1').remove(stream('eu-west-1').digest(3))
      // The lab gets it now, weeks after the time in its name.
      stream('eu-west-2').addLog(trailFromMs + 3 * 3_600_000)
      world.lab.bucket().expiresAfterDays = 400
      const run = (...args: readonly string[]) =>
        world.run(['report', 'Z', '--config', config, ...trailWindow, '--output', 'json', ...args])
      const result = await run()
      expect(result.exitCode).toBe(0)
      const figures = figuresOf(result)
      expect(figures.verdict).toBe('findings')
      expect(statesOf(figures)).toEqual({
        'us-east-1': ['missing'],
        'eu-west-1': ['missing'],
        'eu-west-2': ['unverified'],
        'eu-west-3': ['delivered'],
      })
      expect(figures.findingCounts).toEqual({
        'report.late': 1,
        'verify.log-missing': 1,
        'verify.digest-missing': 1,
        'verify.log-unlisted': 1,
      })
      for (const { advice } of figures.findings) expect(advice).not.toBe('')
      expect(figures.protection?.lifecycle).toEqual(['all objects: expires after 400 days'])
      expect((await run('--fail-on-gap')).exitCode).toBe(1)
    } finally {
      await world.stop()
    }
  })
})

describe('a report about a folder', () => {
  const inFolder = (folder: string, ...args: readonly string[]) =>
    trail.world.run(['report', '--dir', folder, ...args], { env: { CROSSTRAIL_CONFIG: '/nonexistent' } })

  test('needs neither config nor network, and proves the digests with --keys', async () => {
    const figures = figuresOf(await inFolder(trail.mirror, '--keys', trail.keys, '--output', 'json'))
    expect(figures).toMatchObject({ verdict: 'complete', scope: { source: { type: 'folders' }, integrity: 'digests' } })
    expect(statesOf(figures)).toEqual({ 'eu-west-1': ['delivered'], 'us-east-1': ['delivered'] })
    expect(figures.protection).toBeUndefined()
    expect(figures.runs).toMatchObject([{ verb: 'download', state: 'finished', failed: 0 }])
  })

  test('says without keys that nothing was proven', async () => {
    const result = await inFolder(trail.mirror, '--report', trail.world.newPath())
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toContain('nothing was proven')
    const figures = figuresOf(await inFolder(trail.mirror, '--output', 'json'))
    expect(figures.scope.integrity).toBe('none')
    expect(statesOf(figures)).toEqual({ 'eu-west-1': ['no-digests'], 'us-east-1': ['no-digests'] })
    expect(figures.totals).toMatchObject([
      { kind: 'events', objects: 120 },
      { kind: 'digest', objects: 16 },
    ])
  })

  test('that has nothing in the window is not complete', async () => {
    for (const keys of [[], ['--keys', trail.keys]]) {
      const window = ['--from', '2020-01-01', '--until', '2020-01-02']
      const figures = figuresOf(await inFolder(trail.mirror, ...keys, ...window, '--output', 'json'))
      expect(figures).toMatchObject({ verdict: 'findings' })
    }
  })

  test('finds a log that was changed, with --verify', async () => {
    const copy = trail.mirrorCopy()
    const [log = ''] = filesOf(copy, /_CloudTrail_us-east-1_.*\.gz$/)
    writeFileSync(log, readFileSync(log).subarray(0, -9))
    const figures = figuresOf(await inFolder(copy, '--keys', trail.keys, '--verify', '--output', 'json'))
    expect(figures.verdict).toBe('findings')
    expect(statesOf(figures)).toEqual({ 'eu-west-1': ['verified'], 'us-east-1': ['missing'] })
    rmSync(copy, { recursive: true })
  })

  test.each([
    [['--dir', 'x', 'Z'], 'accounts cannot be combined with --dir'],
    [['--output', 'csv'], 'a report has no CSV'],
  ])('refuses %s', async (args, message) => {
    const result = await report(...args)
    expect(result.exitCode).toBe(2)
    expect(result.stderr).toContain(message)
  })

  test('is not begun if its page cannot be written', async () => {
    const result = await inFolder(trail.mirror, '--report', join(trail.world.newPath(), 'missing', 'r.html'))
    expect(result.exitCode).not.toBe(0)
    expect(result.stderr).toContain('missing')
  })
})
