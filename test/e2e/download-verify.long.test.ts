import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlteredTrail, trailOf, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { filesOf } from './support/tree.ts'

let trail: AlteredTrail
let keys: string
beforeAll(async () => {
  trail = await trailOf(['us-east-1', 'eu-west-1'], 80)
  keys = trail.world.newPath()
})
afterAll(() => trail.world.stop())

const command = (to: string, ...more: readonly string[]) => [
  'download',
  'Z',
  '--config',
  trail.config,
  ...trailWindow,
  '--to',
  to,
  '--verify',
  ...more,
]

function findings({ stdout }: CommandResult): string[] {
  return jsonLines(stdout)
    .filter(({ type }) => type === 'finding')
    .map(({ code }) => String(code))
    .toSorted()
}

function verification({ stdout }: CommandResult): Record<string, unknown> {
  return jsonLines(stdout).find((row) => 'verification' in row)?.['verification'] as Record<string, unknown>
}

describe('a download of an honest trail', () => {
  test('verifies every log from its file and digest, and keeps the keys', async () => {
    const to = trail.world.newPath()
    trail.world.lab.requests.clear()
    const result = await trail.world.run(command(to, '--save-keys', keys, '--output', 'json'))
    expect(result).toMatchObject({ exitCode: 0 })
    const logs = jsonLines(result.stdout).filter(({ type }) => type === 'log')
    expect(logs).toHaveLength(80)
    expect(verification(result)).toMatchObject({ logs: { verified: 80 }, digests: { verified: 16 }, findings: {} })
    // Each log is fetched once: its hash is that of the file.
    const key = String(logs[0]?.['key'])
    const gets = trail.world.lab.requests.recent().filter((request) => request.operation === 'GetObject')
    expect(gets.filter((request) => request.key === key)).toHaveLength(1)
    const assumed = trail.world.lab.requests.recent().filter((request) => request.operation === 'AssumeRole')
    expect(assumed).toHaveLength(1)
  })

  test.each([
    ['unzipped', ['--decompress']],
    ['in one folder', ['--layout', 'flat']],
    ['unzipped, by account', ['--layout', 'account', '--decompress']],
    ['in two threads', ['--threads', '2']],
  ])('finds the files of a download %s', async (_, more) => {
    const to = trail.world.newPath()
    const args = command(to, '--keys', keys, ...more)
    expect(await trail.world.run(args)).toMatchObject({ exitCode: 0 })
    const changed = logFile(to)
    alter(changed)
    const result = await trail.world.run([...args, '--output', 'json'])
    expect(result.exitCode).toBe(1)
    expect(findings(result)).toEqual(['verify.log-hash'])
    expect(result.stdout).toContain(`in the file ${changed}`)
  })

  test('finds a file that was altered after an earlier download, which skips it as present', async () => {
    const to = trail.world.newPath()
    await trail.world.run(command(to))
    alter(logFile(to))
    const { exitCode, stdout, stderr } = await trail.world.run(command(to))
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^finding: the log .* was changed: .*\(verify\.log-hash\)$/m)
    expect(stderr).toContain('94 present')
    expect(stderr).toMatch(/verified 16 digests of 16 and 79 logs of 80 in .*: 1 finding\n {2}1 verify\.log-hash/)
  })

  test('does not verify what it leaves out', async () => {
    const result = await trail.world.run(
      command(trail.world.newPath(), '--keys', keys, '--exclude', '**/eu-west-1/**', '--output', 'json'),
    )
    expect(result.exitCode).toBe(0)
    const logs = jsonLines(result.stdout).filter(({ type }) => type === 'log')
    expect(new Set(logs.map(({ region }) => region))).toEqual(new Set(['us-east-1']))
  })

  test('does not count a log as verified if a folder is in place of its file', async () => {
    const to = trail.world.newPath()
    await trail.world.run(command(to, '--keys', keys))
    const path = logFile(to)
    rmSync(path)
    mkdirSync(path)
    const result = await trail.world.run(command(to, '--keys', keys, '--output', 'json'))
    expect(result.exitCode).toBe(1)
    expect(verification(result)).toMatchObject({ logs: { verified: 79, failed: 1 } })
  })
})

describe('refuses', () => {
  test.each([
    [['--dry-run'], /--verify cannot be combined with --dry-run/],
    [['--max-objects', '5'], /--verify cannot be combined with --max-objects/],
    [['--keys', 'no-such-file'], /cannot read the public keys from no-such-file/],
  ])('%s, and downloads nothing', async (more, message) => {
    const to = trail.world.newPath()
    trail.world.lab.requests.clear()
    const { exitCode, stderr } = await trail.world.run(command(to, ...more))
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
    expect(trail.world.lab.requests.recent()).toEqual([])
  })

  test('--keys without --verify', async () => {
    const args = command(trail.world.newPath(), '--keys', keys).filter((arg) => arg !== '--verify')
    const { exitCode, stderr } = await trail.world.run(args)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--keys works only with --verify')
  })

  test('an account that does not allow verify', async () => {
    const args = command(trail.world.newPath()).filter((arg) => arg !== '--config' && arg !== trail.config)
    const { exitCode, stderr } = await trail.world.run(args)
    expect(exitCode).toBe(3)
    expect(stderr).toContain('account Z does not allow verify')
  })
})

test('an interrupted download is not verified, and says so', async () => {
  const { world } = trail
  const running = world.start(command(world.newPath(), '--keys', keys, '--concurrency', '2'))
  let gets = 0
  world.lab.setFaults({
    hook({ operation }) {
      if (operation !== 'GetObject') return undefined
      if (gets++ === 0) running.child.kill('SIGINT')
      return { latencyMs: 100 }
    },
  })
  const { exitCode, stderr } = await running.result
  world.lab.setFaults({})
  expect(exitCode).toBe(130)
  expect(stderr).toContain('the logs were not verified, because the run did not get to its end')
})

describe('a download of an altered trail', () => {
  let altered: AlteredTrail
  beforeAll(async () => {
    altered = await trailOf(['us-east-1', 'eu-west-1', 'eu-west-2'], 120)
  })
  afterAll(() => altered.world.stop())

  test('finds a changed log, a missing log and a missing digest', async () => {
    const changed = altered.stream('us-east-1')
    const text = gunzipSync(changed.body(changed.logOf(2))).toString()
    changed.replace(changed.logOf(2), gzipSync(text.replace('"eventVersion"', '"changed"')))
    const lacking = altered.stream('eu-west-1')
    lacking.remove(lacking.logOf(2))
    const broken = altered.stream('eu-west-2')
    broken.remove(broken.digest(3))
    const { world, config } = altered
    const args = ['download', 'Z', '--config', config, ...trailWindow, '--to', world.newPath(), '--verify']
    const result = await world.run([...args, '--output', 'json'])
    expect(result.exitCode).toBe(1)
    expect(findings(result)).toEqual(['verify.digest-missing', 'verify.log-hash', 'verify.log-missing'])
    const csv = await world.run([...args, '--output', 'csv'])
    expect(csv.exitCode).toBe(1)
    expect(csv.stdout).not.toContain('finding')
    expect(csv.stderr.match(/^finding: /gm)).toHaveLength(3)
  })

  test('fails if the public keys cannot be listed, after the logs were downloaded', async () => {
    const { world, config } = altered
    const to = world.newPath()
    const args = ['download', 'Z', '--config', config, ...trailWindow, '--to', to, '--verify', '--max-attempts', '1']
    const { exitCode, stderr } = await world.run(args, { env: { AWS_ENDPOINT_URL_CLOUDTRAIL: 'http://127.0.0.1:9' } })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('account Z failed')
    expect(stderr).not.toContain('no findings')
    expect(filesOf(to).filter((file) => file.includes('/CloudTrail/')).length).toBeGreaterThan(100)
  })
})

function logFile(folder: string): string {
  const path = filesOf(folder).find((file) => /_CloudTrail_us-east-1_.*\.json(\.gz)?$/.test(file))
  if (path === undefined) throw new Error('no log was downloaded')
  return join(folder, path)
}

/** Changes the content of a log, but neither its size nor its time. */
function alter(path: string): void {
  const { mtime } = statSync(path)
  const body = readFileSync(path)
  const changed = path.endsWith('.gz')
    ? emptyLog(body.length)
    : body.toString().replace('"eventVersion"', '"EventVersion"')
  writeFileSync(path, changed)
  utimesSync(path, mtime, mtime)
}

/** A zipped log without records, of that size: gzip's header has room for a comment. */
function emptyLog(sizeBytes: number): Buffer {
  const zipped = gzipSync('{"Records":[]}')
  const head = Buffer.from(zipped.subarray(0, 10))
  const hasComment = 16
  head[3] = hasComment
  const comment = Buffer.alloc(sizeBytes - zipped.length, 'x')
  comment[comment.length - 1] = 0
  return Buffer.concat([head, comment, zipped.subarray(10)])
}
