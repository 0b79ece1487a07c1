import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import { trailFromMs, trailWindow } from './support/altered-trail.ts'
import { jsonLines } from './support/crosstrail.ts'
import { clockFrom } from './support/shifted-clock.ts'
import { allDigests, codes, filesOf, summary, verifiedTrail, type VerifiedTrail } from './support/verified-trail.ts'

let trail: VerifiedTrail
beforeAll(async () => {
  trail = await verifiedTrail()
})
afterEach(() => trail.world.lab.publicKeys.openRegion('eu-west-1'))
afterAll(() => trail.world.stop())

describe('an untouched trail', () => {
  test('verifies, with a row for each chain and the source of the keys', () => {
    const { exitCode, stdout, stderr } = trail.first
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    const rows = stdout.trimEnd().split('\n')
    expect(rows).toHaveLength(3)
    expect(rows[0]).toMatch(
      /LOG ACCOUNT +REGION +TRAIL +PERIODS +DIGESTS +LOGS +MISSING +UNLISTED +PENDING +VERIFIED UNTIL/,
    )
    for (const row of rows.slice(1)) expect(row).toMatch(/ lab-trail.* 8 +8 +\d+ +0 +0 +0 +2026-11-01T08:00:00Z$/)
    expect(stderr).toContain('verified 16 digests of 16 and 120 logs of 120')
    expect(stderr).toContain('no findings')
    expect(stderr).toMatch(/2 public keys of 2 regions from ListPublicKeys by arn:aws:sts::\S+ prove 16 digests/)
  })

  test('verifies as a mirror, with three threads', async () => {
    const result = await trail.verifyDir(trail.mirror, '--threads', '3', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(summary(result)).toMatchObject({ ...allDigests, logs: { verified: 120 } })
  })

  test('has one line of JSON for each digest and log', async () => {
    const rows = jsonLines((await trail.verify('Z', ...trailWindow, '--output', 'json')).stdout)
    const ofType = (type: string) => rows.filter((row) => row['type'] === type)
    expect(rows).toHaveLength(136)
    expect(new Set(ofType('digest').map(({ key }) => key)).size).toBe(16)
    expect(new Set(ofType('log').map(({ key }) => key)).size).toBe(120)
    expect(ofType('digest').every(({ state }) => state === 'proven')).toBe(true)
    expect(ofType('log').every(({ state, trail: name }) => state === 'verified' && name === 'lab-trail')).toBe(true)
  })

  test('has only the logs of the selection, and reads digests around them', async () => {
    const window = ['--from', '2026-11-01T02:00', '--until', '2026-11-01T05:00']
    const selection = ['--region', 'eu-west-1', '--kind', 'events', '--exclude', '*_20261101T03*']
    const result = await trail.verify('Z', ...window, ...selection, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    const logs = jsonLines(result.stdout).filter(({ type }) => type === 'log')
    expect(logs.length).toBeGreaterThan(3)
    for (const { region, deliveredAt, state } of logs) {
      expect(region).toBe('eu-west-1')
      expect(deliveredAt).toMatch(/^2026-11-01T0[24]/)
      expect(state).toBe('verified')
    }
  })

  test('has pending logs if the newest digest is not due yet', async () => {
    const now = clockFrom(trailFromMs + 8.5 * hourMs)
    const args = ['verify', '--dir', trail.mirrorCopy(), '--keys', trail.keys, '--output', 'json']
    for (const folder of filesOf(String(args[2]), /T080000Z\.json\.gz(\.signature)?$/)) rmSync(folder)
    const result = await trail.world.run(args, { env: now })
    expect(result).toMatchObject({ exitCode: 0 })
    expect(summary(result)).toMatchObject({ digests: { verified: 14 }, findings: {} })
    expect((summary(result)['logs'] as Record<string, number>)['pending']).toBeGreaterThan(0)
  })
})

describe('a mirror', () => {
  test('without the files of signatures is verified but for the newest digest of each chain', async () => {
    const folder = trail.mirrorCopy()
    for (const path of filesOf(folder, /\.signature$/)) rmSync(path)
    const { exitCode, stderr } = await trail.verifyDir(folder)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('verified 14 digests of 16')
    expect(stderr).toContain('no findings')
    expect(stderr).toContain('2 digests not verified: the folder has no signature of it')
  })

  test('with unzipped files is verified, and a byte that changed in one is found', async () => {
    const folder = trail.mirrorCopy()
    for (const path of filesOf(folder, /\.json\.gz$/)) {
      writeFileSync(path.replace(/\.gz$/, ''), gunzipSync(readFileSync(path)))
      rmSync(path)
    }
    for (const path of filesOf(folder, /\.signature$/)) rmSync(path)
    expect(await trail.verifyDir(folder, '--output', 'json')).toMatchObject({ exitCode: 0 })
    const [log = ''] = filesOf(folder, /CloudTrail\/.*\.json$/)
    const bytes = readFileSync(log)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(log, bytes)
    const result = await trail.verifyDir(folder, '--output', 'json')
    expect(codes(result)).toEqual(['verify.log-hash'])
    const finding = jsonLines(result.stdout).find(({ type }) => type === 'finding')
    expect(finding).toMatchObject({ key: expect.stringContaining('AWSLogs/'), trail: 'lab-trail', region: 'eu-west-1' })
  })

  test('that has a log twice has a finding, because only one of them is checked', async () => {
    const folder = trail.mirrorCopy()
    const [log = ''] = filesOf(folder, /CloudTrail\/.*\.json\.gz$/)
    writeFileSync(log.replace(/\.gz$/, ''), '{"Records":[]}')
    const result = await trail.verifyDir(folder, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    expect(codes(result)).toHaveLength(2)
    expect(codes(result)).toContain('verify.kept-twice')
  })
})

test('what a mirror lacks, and other files in it, are shown', async () => {
  const folder = trail.mirrorCopy()
  const moved = trail.world.newPath()
  for (const kind of ['CloudTrail', 'CloudTrail-Digest']) {
    const region = join(folder, 'AWSLogs/222222222222', kind, 'eu-west-1')
    renameSync(region, `${moved}-${kind}`)
    symlinkSync(`${moved}-${kind}`, region)
  }
  const [log = ''] = filesOf(folder, /CloudTrail\/us-east-1.*\.json\.gz$/)
  writeFileSync(join(dirname(log), 'other.json.gz'), '')
  const selection = ['--region', 'us-east-1', '--region', 'eu-central-1', '--log-account', '222222222222']
  const { exitCode, stderr } = await trail.verifyDir(folder, ...selection)
  expect(exitCode).toBe(0)
  expect(stderr.match(/warning: .*\/CloudTrail(?:-Digest)?\/eu-west-1 is a link to a folder/g)).toHaveLength(2)
  expect(stderr).toContain('warning: the mirror has no folder of the region eu-central-1')
  expect(stderr).toContain('1 other object not read: not named like a log or digest')
})

describe('in the bucket', () => {
  test('a log of several gzip members whose bytes are right is shown, and no finding', async () => {
    const stream = trail.stream('eu-west-1')
    const log = stream.logOf(2)
    const before = stream.body(log)
    const text = gunzipSync(before)
    stream.replace(log, Buffer.concat([gzipSync(text.subarray(0, 10)), gzipSync(text.subarray(10))]))
    const result = await trail.verify('Z', ...trailWindow)
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stderr).toContain('1 log of several gzip members, whose bytes are right')
    stream.replace(log, before)
  })

  test('a window without logs and digests proves nothing', async () => {
    const result = await trail.verify('Z', '--from', '2026-10-01', '--until', '2026-10-02', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    expect(codes(result)).toEqual(['verify.nothing'])
  })

  test('an account that may not list public keys has one clear error, and exit code 3', async () => {
    const result = await trail.verify('B', ...trailWindow, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 3, stdout: '' })
    expect(result.stderr.match(/access.list-public-keys-denied/g)).toHaveLength(1)
    expect(result.stderr).toContain('--keys')
  })

  test('a region that is not enabled for the caller fails alone', async () => {
    trail.world.lab.publicKeys.closeRegion('eu-west-1')
    const result = await trail.verify('Z', ...trailWindow, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('access.region-not-enabled')
    expect(summary(result)).toMatchObject({ digests: { verified: 8 }, findings: {} })
  })

  test('an account that does not allow verify is refused before any call', async () => {
    const result = await trail.world.run(['verify', 'Z', ...trailWindow, '--output', 'json'])
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('access.verb-not-allowed')
  })
})

describe('one clear error', () => {
  const empty = () => {
    const folder = trail.world.newPath()
    mkdirSync(folder)
    return folder
  }

  test.each([
    ['keys that are not JSON', 'config.public-key', () => [trail.mirror, write('nothing')]],
    [
      'keys that are damaged',
      'config.public-key',
      () => [trail.mirror, write(readFileSync(trail.keys, 'utf8').replace('"value": "M', '"value": "N'))],
    ],
    ['a file of keys that does not exist', 'usage.unreadable-file', () => [trail.mirror, '/nonexistent/keys.json']],
    ['an empty folder', 'usage.not-a-mirror', () => [empty(), trail.keys]],
    ['a folder that is no mirror', 'usage.not-a-mirror', () => [join(trail.mirror, '.crosstrail'), trail.keys]],
    ['a folder that does not exist', 'usage.unreadable-file', () => ['/nonexistent', trail.keys]],
  ])('for %s', async (_what, code, given) => {
    const [dir = '', file = ''] = given()
    const { exitCode, stdout, stderr } = await trail.world.run([
      'verify',
      '--dir',
      dir,
      '--keys',
      file,
      '--output',
      'json',
    ])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(jsonLines(stderr)).toMatchObject([{ error: { code } }])
  })

  test('for --dir without --keys', async () => {
    const { exitCode, stderr } = await trail.world.run(['verify', '--dir', trail.mirror])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--dir needs --keys')
  })

  test('for a clock that is wrong', async () => {
    const args = ['verify', '--dir', trail.mirror, '--keys', trail.keys, '--output', 'json']
    const { exitCode, stderr } = await trail.world.run(args, { env: clockFrom(Date.UTC(2026, 9, 30)) })
    expect(exitCode).toBe(2)
    expect(stderr.match(/usage.wrong-clock/g)).toHaveLength(1)
  })

  function write(text: string): string {
    const path = trail.world.newPath()
    writeFileSync(path, text)
    return path
  }
})
