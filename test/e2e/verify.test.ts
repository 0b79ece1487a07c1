import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import { type AlteredTrail, trailFromMs, trailOf, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { clockFrom } from './support/shifted-clock.ts'

let trail: AlteredTrail
/** The public keys, as `--save-keys` wrote them. */
let keys: string
/** A mirror that `download` made. */
let mirror: string
let first: CommandResult
beforeAll(async () => {
  trail = await trailOf(['us-east-1', 'eu-west-1'], 120)
  const { world } = trail
  keys = world.newPath()
  mirror = world.newPath()
  first = await verify('Z', ...trailWindow, '--save-keys', keys)
  await world.run(['download', 'Z', '--to', mirror])
})
afterEach(() => {
  trail.world.lab.setFaults({})
  trail.world.lab.publicKeys.openRegion('eu-west-1')
})
afterAll(() => trail.world.stop())

function verify(...args: readonly string[]): Promise<CommandResult> {
  return trail.world.run(['verify', '--config', trail.config, ...args])
}

function verifyDir(folder: string, ...args: readonly string[]): Promise<CommandResult> {
  return trail.world.run(['verify', '--dir', folder, '--keys', keys, ...trailWindow, ...args])
}

function mirrorCopy(): string {
  const copy = trail.world.newPath()
  cpSync(mirror, copy, { recursive: true })
  return copy
}

function filesOf(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .map((path) => join(folder, path))
    .toSorted()
}

function codes({ stdout }: CommandResult): string[] {
  return jsonLines(stdout)
    .filter(({ type }) => type === 'finding')
    .map(({ code }) => String(code))
    .toSorted()
}

/** The counts on the last line of stderr with `--output json`. */
function summary({ stderr }: CommandResult): Record<string, unknown> {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
}

const everything = { digests: { found: 16, verified: 16, unsigned: 0 }, findings: {} }

describe('an untouched trail', () => {
  test('verifies, with a row for each chain and the source of the keys', () => {
    const { exitCode, stdout, stderr } = first
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

  test('verifies as a mirror, with one thread and with three', async () => {
    for (const threads of ['1', '3']) {
      const result = await verifyDir(mirror, '--threads', threads, '--output', 'json')
      expect(result).toMatchObject({ exitCode: 0 })
      expect(summary(result)).toMatchObject({ ...everything, logs: { verified: 120 } })
    }
  })

  test('verifies in the bucket with three threads', async () => {
    const result = await verify('Z', ...trailWindow, '--threads', '3', '--concurrency', '6', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(summary(result)).toMatchObject({ ...everything, logs: { verified: 120 } })
  })

  test('has one line of JSON for each digest and log', async () => {
    const rows = jsonLines((await verify('Z', ...trailWindow, '--output', 'json')).stdout)
    const ofType = (type: string) => rows.filter((row) => row['type'] === type)
    expect(rows).toHaveLength(136)
    expect(new Set(ofType('digest').map(({ key }) => key)).size).toBe(16)
    expect(new Set(ofType('log').map(({ key }) => key)).size).toBe(120)
    expect(ofType('digest').every(({ state }) => state === 'proven')).toBe(true)
    expect(ofType('log').every(({ state, trail: name }) => state === 'verified' && name === 'lab-trail')).toBe(true)
  })

  test('has the same rows as CSV', async () => {
    const lines = (await verify('Z', ...trailWindow, '--output', 'csv')).stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(137)
    expect(lines[0]).toMatch(/^type,state,code,key,/)
  })

  test('has only the logs of the selection, and reads digests around them', async () => {
    const window = ['--from', '2026-11-01T02:00', '--until', '2026-11-01T05:00']
    const selection = ['--region', 'eu-west-1', '--kind', 'events', '--exclude', '*_20261101T03*']
    const result = await verify('Z', ...window, ...selection, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    const logs = jsonLines(result.stdout).filter(({ type }) => type === 'log')
    expect(logs.length).toBeGreaterThan(3)
    for (const { region, deliveredAt, state } of logs) {
      expect(region).toBe('eu-west-1')
      expect(deliveredAt).toMatch(/^2026-11-01T0[24]/)
      expect(state).toBe('verified')
    }
  })

  test('is selected by globs in the same way in a mirror', async () => {
    for (const glob of ['AWSLogs/*/CloudTrail/**/*_20261101T03*', '*_20261101T03*']) {
      const counts: unknown[] = []
      for (const result of [
        await verify('Z', ...trailWindow, '--include', glob, '--output', 'json'),
        await verifyDir(mirror, '--include', glob, '--output', 'json'),
      ]) {
        expect(result).toMatchObject({ exitCode: 0 })
        counts.push((summary(result)['logs'] as Record<string, number>)['verified'])
      }
      expect(counts[0]).toBeGreaterThan(3)
      expect(counts[1]).toBe(counts[0])
    }
  })

  test('has pending logs if the newest digest is not due yet', async () => {
    const now = clockFrom(trailFromMs + 8.5 * hourMs)
    const args = ['verify', '--dir', mirrorCopy(), '--keys', keys, '--output', 'json']
    for (const folder of filesOf(String(args[2]), /T080000Z\.json\.gz(\.signature)?$/)) rmSync(folder)
    const result = await trail.world.run(args, { env: now })
    expect(result).toMatchObject({ exitCode: 0 })
    expect(summary(result)).toMatchObject({ digests: { verified: 14 }, findings: {} })
    expect((summary(result)['logs'] as Record<string, number>)['pending']).toBeGreaterThan(0)
  })
})

describe('a mirror', () => {
  test('without the files of signatures is verified but for the newest digest of each chain', async () => {
    const folder = mirrorCopy()
    for (const path of filesOf(folder, /\.signature$/)) rmSync(path)
    const result = await verifyDir(folder, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(summary(result)).toMatchObject({ digests: { found: 16, verified: 14, unsigned: 2 }, findings: {} })
    const { stderr } = await verifyDir(folder)
    expect(stderr).toContain('2 digests not verified: the folder has no signature of it')
  })

  test('with a file of a signature that was changed has a finding', async () => {
    const folder = mirrorCopy()
    const [one = '', two = ''] = filesOf(folder, /eu-west-1.*\.signature$/)
    writeFileSync(one, 'not JSON')
    writeFileSync(two, readFileSync(two, 'utf8').replace(/"signature":"../, '"signature":"zz'))
    const wrong = ['verify.signature-wrong', 'verify.signature-wrong']
    const result = await verifyDir(folder, '--output', 'json')
    expect(codes(result)).toEqual(['verify.previous-signature', 'verify.previous-signature', ...wrong])
  })

  test('with unzipped files is verified, and a byte that changed in one is found', async () => {
    const folder = mirrorCopy()
    for (const path of filesOf(folder, /\.json\.gz$/)) {
      writeFileSync(path.replace(/\.gz$/, ''), gunzipSync(readFileSync(path)))
      rmSync(path)
    }
    for (const path of filesOf(folder, /\.signature$/)) rmSync(path)
    expect(await verifyDir(folder, '--output', 'json')).toMatchObject({ exitCode: 0 })
    const [log = ''] = filesOf(folder, /CloudTrail\/.*\.json$/)
    const bytes = readFileSync(log)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    writeFileSync(log, bytes)
    const result = await verifyDir(folder, '--output', 'json')
    expect(codes(result)).toEqual(['verify.log-hash'])
    const finding = jsonLines(result.stdout).find(({ type }) => type === 'finding')
    expect(finding).toMatchObject({ key: expect.stringContaining('AWSLogs/'), trail: 'lab-trail', region: 'eu-west-1' })
  })

  test('is found wherever it begins: at AWSLogs, at the account, and in a folder for each', async () => {
    for (const dir of [join(mirror, 'AWSLogs'), join(mirror, 'AWSLogs/222222222222')]) {
      expect(await verifyDir(dir)).toMatchObject({ exitCode: 0 })
    }
    const folder = trail.world.newPath()
    cpSync(mirror, join(folder, 'buckets/example/prefix'), { recursive: true })
    expect(await verifyDir(folder)).toMatchObject({ exitCode: 0 })
  })

  test('that has a log twice has a finding, because only one of them is checked', async () => {
    const folder = mirrorCopy()
    const [log = ''] = filesOf(folder, /CloudTrail\/.*\.json\.gz$/)
    writeFileSync(log.replace(/\.gz$/, ''), '{"Records":[]}')
    const result = await verifyDir(folder, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    expect(codes(result)).toHaveLength(2)
    expect(codes(result)).toContain('verify.kept-twice')
  })

  test('of copied logs agrees with itself, so the move is no finding', async () => {
    const folder = trail.world.newPath()
    cpSync(join(mirror, 'AWSLogs'), join(folder, 'another-prefix/AWSLogs'), { recursive: true })
    const result = await verifyDir(folder)
    expect(result).toMatchObject({ exitCode: 0 })
  })

  test('of another place than --moved-from names has a finding for each digest', async () => {
    const right = await verifyDir(mirror, '--moved-from', 's3://example-cloudtrail-logs')
    expect(right).toMatchObject({ exitCode: 0 })
    const wrong = await verifyDir(mirror, '--moved-from', 's3://example-other-bucket', '--output', 'json')
    expect(codes(wrong)).toEqual(Array.from({ length: 16 }, () => 'verify.digest-misplaced'))
  })
})

describe('in the bucket', () => {
  test('a log of several gzip members whose bytes are right is shown, and no finding', async () => {
    const stream = trail.stream('eu-west-1')
    const log = stream.logOf(2)
    const before = stream.body(log)
    const text = gunzipSync(before)
    stream.replace(log, Buffer.concat([gzipSync(text.subarray(0, 10)), gzipSync(text.subarray(10))]))
    const result = await verify('Z', ...trailWindow)
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stderr).toContain('1 log of several gzip members, whose bytes are right')
    stream.replace(log, before)
  })

  test('archived logs are counted and not checked; an archived digest is a finding', async () => {
    const stream = trail.stream('eu-west-1')
    const bodies = [stream.logOf(2), stream.digest(5)].map(
      (key) => [key, stream.body(key), stream.metadata(key)] as const,
    )
    const [[log], [digest]] = bodies as [(typeof bodies)[0], (typeof bodies)[0]]
    stream.archive(log)
    const one = await verify('Z', ...trailWindow, '--output', 'json')
    expect(one).toMatchObject({ exitCode: 0 })
    expect(summary(one)).toMatchObject({ logs: { archived: 1, verified: 119 }, findings: {} })
    stream.archive(digest)
    const two = await verify('Z', ...trailWindow, '--output', 'json')
    expect(two).toMatchObject({ exitCode: 1 })
    expect(codes(two)).toEqual(['verify.digest-unread'])
    for (const [key, body, metadata] of bodies) stream.replace(key, body, metadata)
  })

  test('logs that were copied elsewhere are misplaced, and with --moved-from they are only moved', async () => {
    const bucket = trail.world.lab.bucket()
    for (const key of bucket.keys().filter((each) => each.startsWith('AWSLogs/'))) {
      const { body, metadata } = bucket.get(key) ?? { body: Buffer.alloc(0), metadata: {} }
      bucket.put(`archive/${key}`, body, { metadata })
    }
    const config = trail.world.configWith((text) =>
      text.replace('  region: us-east-1', '  region: us-east-1\n  prefix: archive').replaceAll('download]', 'verify]'),
    )
    const args = ['verify', 'Z', '--config', config, ...trailWindow, '--output', 'json']
    const misplaced = await trail.world.run(args)
    expect(misplaced).toMatchObject({ exitCode: 1 })
    expect(codes(misplaced)).toEqual(Array.from({ length: 16 }, () => 'verify.digest-misplaced'))
    const moved = await trail.world.run([...args, '--moved-from', 's3://example-cloudtrail-logs'])
    expect(moved).toMatchObject({ exitCode: 0 })
    const deliveredTo = { 's3://example-cloudtrail-logs/AWSLogs/': 16 }
    expect(summary(moved)).toMatchObject({ ...everything, moved: true, deliveredTo, logs: { verified: 120 } })
  })

  test('a window without logs and digests proves nothing', async () => {
    const result = await verify('Z', '--from', '2026-10-01', '--until', '2026-10-02', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    expect(codes(result)).toEqual(['verify.nothing'])
  })

  test('an account that may not list public keys has one clear error, and exit code 3', async () => {
    const result = await verify('B', ...trailWindow, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 3, stdout: '' })
    expect(result.stderr.match(/access.list-public-keys-denied/g)).toHaveLength(1)
    expect(result.stderr).toContain('--keys')
  })

  test('that account verifies with the keys of a file', async () => {
    expect(await verify('B', ...trailWindow, '--keys', keys)).toMatchObject({ exitCode: 0 })
  })

  test('a region that is not enabled for the caller fails alone', async () => {
    trail.world.lab.publicKeys.closeRegion('eu-west-1')
    const result = await verify('Z', ...trailWindow, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('access.region-not-enabled')
    expect(summary(result)).toMatchObject({ digests: { verified: 8 }, findings: {} })
  })

  test('digests that the role may not read fail the account, and are not missing', async () => {
    trail.world.lab.setFaults({
      hook: ({ operation, key }) =>
        operation === 'GetObject' && key.includes('CloudTrail-Digest/eu-west-1')
          ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
          : undefined,
    })
    const result = await verify('Z', ...trailWindow, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('access.object-denied')
    expect(codes(result)).toEqual([])
    const { chains } = summary(result) as { chains: Record<string, unknown>[] }
    expect(chains.filter(({ region }) => region === 'us-east-1')).toMatchObject([{ proven: 8, finished: true }])
  })

  test('an account that does not allow verify is refused before any call', async () => {
    const result = await trail.world.run(['verify', 'Z', ...trailWindow, '--output', 'json'])
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('access.verb-not-allowed')
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it in order with %i, and it does not report what it did not read', async (signal, code) => {
    const { child, result } = trail.world.start([
      'verify',
      'Z',
      '--config',
      trail.config,
      ...trailWindow,
      '--concurrency',
      '4',
      '--output',
      'json',
    ])
    let gets = 0
    trail.world.lab.setFaults({
      hook: ({ operation }) => {
        if (operation !== 'GetObject') return undefined
        gets++
        if (gets === 40) child.kill(signal)
        return gets < 40 ? undefined : { latencyMs: 50 }
      },
    })
    const ended = await result
    expect(ended).toMatchObject({ exitCode: code })
    expect(codes(ended)).toEqual([])
    expect(summary(ended)).toMatchObject({ interrupted: true, findings: {} })
  })
})

describe('one clear error', () => {
  const empty = () => {
    const folder = trail.world.newPath()
    mkdirSync(folder)
    return folder
  }

  test.each([
    ['keys that are not JSON', 'config.public-key', () => [mirror, write('nothing')]],
    [
      'keys that are damaged',
      'config.public-key',
      () => [mirror, write(readFileSync(keys, 'utf8').replace('"value": "M', '"value": "N'))],
    ],
    ['a file of keys that does not exist', 'usage.unreadable-file', () => [mirror, '/nonexistent/keys.json']],
    ['an empty folder', 'usage.not-a-mirror', () => [empty(), keys]],
    ['a folder that is no mirror', 'usage.not-a-mirror', () => [join(mirror, '.crosstrail'), keys]],
    ['a folder that does not exist', 'disk.not-found', () => ['/nonexistent', keys]],
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
    expect({ exitCode, stdout }).toEqual({ exitCode: code.startsWith('disk.') ? 1 : 2, stdout: '' })
    expect(jsonLines(stderr)).toMatchObject([{ error: { code } }])
  })

  test('for --dir without --keys', async () => {
    const { exitCode, stderr } = await trail.world.run(['verify', '--dir', mirror])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--dir needs --keys')
  })

  test('for a clock that is wrong', async () => {
    const args = ['verify', '--dir', mirror, '--keys', keys, '--output', 'json']
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
