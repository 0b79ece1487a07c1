import type { ChildProcess } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { filesBelow, tempFolder } from '../disk/temp-folder.ts'
import { ownDisk } from '../own-disk.ts'
import { startAuthority } from '../sinks/evidence/authority.ts'
import { checkedPaths, text } from '../sinks/evidence/bag.ts'
import { trailOf, trailWindow } from './support/altered-trail.ts'
import { jsonLines } from './support/crosstrail.ts'
import {
  evidenceOf,
  EvidenceWorld,
  isDigest,
  isLog,
  leftBeside,
  newSignKey,
  objectsOf,
} from './support/evidence-world.ts'
import { peakMegabytes } from './support/peak-memory.ts'

let here: EvidenceWorld
beforeAll(async () => {
  here = await EvidenceWorld.start()
})
afterEach(() => here.trail.world.lab.setFaults({}))
afterAll(() => here.trail.world.stop())

test('evidence is not written if an account has no access, and the summary says so', async () => {
  const denied = { status: 403, code: 'AccessDenied', message: 'no' }
  here.trail.world.lab.setFaults({ hook: ({ operation }) => (operation === 'ListObjectsV2' ? denied : undefined) })
  const folder = here.newPath()
  const result = await here.verify('--evidence', folder)
  expect(result).toMatchObject({ exitCode: 3 })
  expect(result.stderr).toContain(`no evidence was written to ${folder}: the verification is not complete`)
  expect(existsSync(folder)).toBe(false)
  expect(leftBeside(folder)).toEqual([])
})

test('without a timestamp from the authority, the evidence is complete, says why, and the run fails', async () => {
  const folder = here.newPath()
  const { url } = await startAuthority(tempFolder(), (_request, _honest, response) => {
    response.writeHead(403, { 'content-type': 'text/plain' }).end('no')
    return undefined
  })
  for (const [output, authority] of [
    ['table', url],
    ['json', 'http://127.0.0.1:1/'],
  ] as const) {
    const to = `${folder}-${output}`
    const result = await here.verifyDir(here.mirror, '--evidence', to, '--timestamp-url', authority, '--output', output)
    expect(result).toMatchObject({ exitCode: 1 })
    expect(result.stderr).toContain(`no timestamp from ${authority}: `)
    if (output === 'json') {
      expect(jsonLines(result.stderr)[0]).toMatchObject({ error: { code: 'network.timestamp-failed' } })
      expect(evidenceOf(result)).toMatchObject({ written: true, timestamp: null })
    } else expect(result.stderr).toContain('  it has no timestamp, because the authority gave none\n')
    checkedPaths(to)
    expect(text(to, 'bag-info.txt')).toContain('Timestamp: none: no timestamp from')
  }
})

test('Ctrl-C while the authority does not answer ends the run, and there is no evidence', async () => {
  const parent = tempFolder()
  const folder = join(parent, 'evidence')
  let child: ChildProcess | undefined
  const { url } = await startAuthority(join(parent, 'authority'), () => {
    child?.kill('SIGINT')
    return undefined
  })
  const running = here.startVerify('--evidence', folder, '--timestamp-url', url)
  child = running.child
  const result = await running.result
  expect(result).toMatchObject({ exitCode: 130 })
  expect(result.stdout).toContain('lab-trail')
  expect(result.stderr).toContain(`no evidence was written to ${folder}: the verification is not complete`)
  expect(readdirSync(parent)).toEqual([])
})

test('if stdout is closed early, there is no evidence, and the summary says so', async () => {
  const folder = here.newPath()
  // Otherwise the verification may end before stdout is closed.
  here.trail.world.lab.setFaults({ hook: () => ({ latencyMs: 20 }) })
  const { child, result } = here.startVerify('--output', 'json', '--concurrency', '1', '--evidence', folder)
  child.stdout?.once('data', () => child.stdout?.destroy())
  const ended = await result
  expect(ended).toMatchObject({ exitCode: 1 })
  expect(evidenceOf(ended)).toMatchObject({ written: false })
  expect(existsSync(folder)).toBe(false)
  expect(leftBeside(folder)).toEqual([])
})

test('evidence of a mirror has its digests, and with --with-logs its logs, under their paths in the mirror', async () => {
  for (const [dir, below] of [
    [here.mirror, ''],
    [join(here.mirror, 'AWSLogs'), 'AWSLogs/'],
    [join(here.mirror, 'AWSLogs/222222222222'), 'AWSLogs/'],
    [`${here.mirror}/AWSLogs/222222222222/.`, 'AWSLogs/'],
  ] as const) {
    const folder = here.newPath()
    const result = await here.verifyDir(dir, '--evidence', folder, '--with-logs', '--threads', '2', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(evidenceOf(result)).toEqual({ folder, written: true, signingKey: null, timestamp: null })
    const names = [...here.keysOf(isDigest), ...here.keysOf(isLog)].toSorted().map((key) => key.slice(below.length))
    expect(objectsOf(checkedPaths(folder), 'data/trail/mirror')).toEqual(names)
    for (const name of names) {
      const kept = readFileSync(join(folder, 'data/trail/mirror', name))
      expect(kept.equals(here.stored(below + name).body)).toBe(true)
    }
    expect(text(folder, 'bag-info.txt')).not.toContain('Session-ARN')
  }
})

test('evidence names each log that could not be read', async () => {
  const folder = here.newPath()
  const result = await here.verifyDir(here.mirror, '--max-inflated', '1KiB', '--evidence', folder, '--output', 'json')
  expect(result).toMatchObject({ exitCode: 1 })
  const { findings, summary } = JSON.parse(text(folder, 'data/report.json')) as {
    readonly findings: Record<string, unknown>[]
    readonly summary: Record<string, number>
  }
  expect(findings.length).toBeGreaterThan(10)
  expect(summary).toMatchObject({ logsUnread: findings.length, findings: 0 })
  expect(findings[0]).toMatchObject({
    code: 'object.inflates-too-much',
    message: expect.stringContaining('could not be read'),
    key: expect.stringContaining(here.mirror),
  })
})

test('evidence has files of any name, and sha256sum can check them', async () => {
  const copy = here.newPath()
  const names = ['50%\n..', '-rf', 'CON', 'a*b', '\u202ename', 'é', String.raw`back\slash`, 'dot.', '.hidden']
  const keys = [...here.keysOf(isDigest), ...here.keysOf(isLog)]
  for (const [at, key] of keys.entries()) {
    for (const file of isDigest.test(key) ? [key, `${key}.signature`] : [key]) {
      cpSync(join(here.mirror, file), join(copy, names[at % names.length] ?? '', file))
    }
  }
  const folder = here.newPath()
  const result = await here.verifyDir(copy, '--evidence', folder, '--with-logs', '--output', 'json')
  expect(result).toMatchObject({ exitCode: 0 })
  const paths = checkedPaths(folder)
  expect(paths.filter((path) => !/^data\/[\w./-]+$/.test(path))).toEqual([])
  const renamed = text(folder, 'data/renamed.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; key: string })
  expect(renamed).toHaveLength(keys.length)
  for (const { path, key } of renamed) {
    expect(readFileSync(join(folder, path)).equals(readFileSync(join(copy, key)))).toBe(true)
  }
  expect(new Set(renamed.map(({ key }) => key.split('/')[0]))).toEqual(new Set(names))
})

describe('before anything is read, it is an error', () => {
  const linkToNothing = () => {
    const path = here.newPath()
    symlinkSync('/nonexistent/evidence', path)
    return path
  }
  const keyOf = (file: string) => ['--evidence', here.newPath(), '--sign-key', file]
  const stampedBy = (url: string) => ['--evidence', here.newPath(), '--timestamp-url', url]

  test.each([
    ['--sign-key without --evidence', 2, 'usage.missing-option', () => ['--sign-key', newSignKey()]],
    ['--timestamp-url without --evidence', 2, 'usage.missing-option', () => stampedBy('https://tsa.test').slice(2)],
    ['a file instead of a folder', 2, 'usage.folder-in-use', () => ['--evidence', here.newFile('')]],
    ['a folder in a file', 1, 'disk.not-a-folder', () => ['--evidence', join(here.newFile(''), 'evidence')]],
    ['a link to nothing', 1, 'disk.not-found', () => ['--evidence', linkToNothing()]],
    ['an address instead of a folder', 2, 'usage.invalid-value', () => ['--evidence', 's3://bucket/evidence']],
    ['a file that is no signing key', 2, 'usage.sign-key', () => keyOf(here.newFile('no key'))],
    ['a signing key that does not exist', 2, 'usage.sign-key', () => keyOf('/nonexistent.pem')],
    ['an authority without TLS', 2, 'usage.invalid-value', () => stampedBy('http://tsa.example.com')],
    ['an authority that is no address', 2, 'usage.invalid-value', () => stampedBy('tsa')],
  ])('%s', async (_what, exitCode, code, given) => {
    expect(await here.refused(given())).toEqual({ exitCode, codes: [code], requests: 0, rest: [] })
  })

  test('a disk that cannot be written', async () => {
    const disk = ownDisk('ro')
    if (disk === undefined) return
    const result = await here.verifyDir(here.mirror, '--evidence', join(disk, 'evidence'), '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1, stdout: '' })
    expect(jsonLines(result.stderr)).toMatchObject([{ error: { code: 'disk.not-writable' } }])
  })
})

test.each([8, 60, 120])('on a disk with room for %i KiB, there is no evidence and no rest of it', async (room) => {
  const disk = ownDisk(`size=${room}k`)
  if (disk === undefined) return
  const folder = join(disk, 'evidence')
  const result = await here.verifyDir(here.mirror, '--evidence', folder, '--with-logs')
  expect(result).toMatchObject({ exitCode: 1 })
  expect(result.stderr).toContain('free some space and run again: the incomplete evidence is removed')
  expect(filesBelow(disk)).toEqual([])
})

test('the command in the evidence has no code of an MFA device', async () => {
  const folder = here.newPath()
  expect(await here.verifyDir(here.mirror, '--evidence', folder, '--mfa-code', '246813')).toMatchObject({ exitCode: 0 })
  for (const path of filesBelow(folder)) expect(text(folder, path)).not.toContain('246813')
  expect(text(folder, 'bag-info.txt')).toContain("--mfa-code '****'")
})

/** What has to exist for the kill. Each is one step of the end. */
const steps = ['manifest-sha256.txt', 'data/report.md', 'bag-info.txt', 'tagmanifest-sha256.txt', 'bagit.txt']

test('after a kill at any moment there is no evidence that looks complete and is not, and the next run removes the rest', async () => {
  const parent = here.newPath()
  const folder = join(parent, 'evidence')
  const asked = ['--concurrency', '8', '--evidence', folder, '--with-logs']
  let isKilled = 0
  for (let kill = 0; kill < 30; kill++) {
    rmSync(folder, { recursive: true, force: true })
    const { child, result } = here.startVerify(...asked)
    const step = steps[kill % (steps.length * 2)]
    const atGet = Math.ceil(Math.random() * 96)
    let gets = 0
    here.trail.world.lab.setFaults({
      hook({ operation }) {
        if (step === undefined && operation === 'GetObject' && ++gets === atGet) child.kill('SIGKILL')
        return undefined
      },
    })
    if (step !== undefined) await killAtStep(child, parent, step)
    const { signal } = await result
    if (signal === 'SIGKILL') isKilled++
    const bags = existsSync(parent)
      ? readdirSync(parent).filter((name) => existsSync(join(parent, name, 'bagit.txt')))
      : []
    for (const bag of bags) {
      expect(objectsOf(checkedPaths(join(parent, bag))), `kill ${kill}`).toHaveLength(96)
    }
    if (existsSync(folder)) expect(bags).toContain('evidence')
  }
  expect(isKilled).toBeGreaterThan(15)
  here.trail.world.lab.setFaults({})
  rmSync(folder, { recursive: true, force: true })
  expect(await here.verify(...asked)).toMatchObject({ exitCode: 0 })
  expect(readdirSync(parent)).toEqual(['evidence'])
})

async function killAtStep(child: ChildProcess, parent: string, step: string): Promise<void> {
  const isThere = () => existsSync(parent) && readdirSync(parent).some((name) => existsSync(join(parent, name, step)))
  while (child.exitCode === null && !isThere()) await new Promise((resolve) => setImmediate(resolve))
  child.kill('SIGKILL')
}

test.skipIf(process.platform !== 'linux')('evidence with 20,000 logs needs less than 250 MB', async () => {
  const { world, config } = await trailOf(['us-east-1'], 20_000)
  onTestFinished(() => world.stop())
  const folder = join(ownDisk('size=400m') ?? world.newPath(), 'evidence')
  const args = ['verify', 'Z', '--config', config, ...trailWindow, '--evidence', folder, '--with-logs']
  const running = world.start(args, { stdout: 'ignore' })
  const [peak, { exitCode, stderr }] = await Promise.all([peakMegabytes(running), running.result])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(objectsOf(checkedPaths(folder))).toHaveLength(20_008)
  expect(peak).toBeGreaterThan(20)
  expect(peak).toBeLessThan(250)
})
