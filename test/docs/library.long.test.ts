import { execFile, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { stateFolderName } from '../../src/disk/local-path.ts'
import { takeLock } from '../../src/disk/target-lock.ts'
import { labAccounts } from '../../src/lab/fixture.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { addSamples } from '../../src/lab/samples.ts'
import { formatKey, parseKey } from '../../src/trail/key.ts'
import { userText } from '../../src/records/record-names.ts'
import { eventIdOf, type EventRecord } from '../../src/records/record.ts'
import { mayDelete, oldWindow } from '../e2e/support/delete-world.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { type StoredLog, storedLogs } from '../e2e/support/stored-logs.ts'
import { asCommonJs, type Installed, installPackage } from './library-package.ts'

// The compiler and the programs start as processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const hourMs = 3_600_000
const page = readFileSync(resolve(import.meta.dirname, '../../docs/LIBRARY.md'), 'utf8')
const names = [
  'opening',
  'bytes',
  'download',
  'events',
  'folders',
  'query',
  'verify',
  'report',
  'merge',
  'delete',
  'pull',
  'queue',
  'access',
] as const
type Program = (typeof names)[number]
const texts = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text)
const programs = Object.fromEntries(names.map((name, at) => [`${name}.ts`, texts[at] ?? '']))

let installed: Installed

beforeAll(async () => {
  installed = await installPackage()
})
afterAll(() => installed.remove())

it('the page has exactly the programs that are tested here', () => {
  expect(texts).toHaveLength(names.length)
})

describe('the programs, in an empty project with strict types,', () => {
  it('compile for a bundler', async () => {
    const options = { module: 'esnext', moduleResolution: 'bundler', noEmit: true }
    expect(await installed.check(programs, options)).toBe('')
  })

  it('compile for Node', async () => {
    expect(await installed.check(programs, { module: 'nodenext' })).toBe('')
  })

  it('do not compile with an unknown option', async () => {
    const program =
      "import { openCrosstrail } from 'crosstrail'\nawait (await openCrosstrail()).download({ into: 'logs' })\n"
    expect(await installed.check({ 'wrong.ts': program }, { module: 'nodenext', noEmit: true })).toContain('TS2353')
  })
})

it('says which package is missing for SQL', async () => {
  const ended = promisify(execFile)(process.execPath, ['query.js'], { cwd: installed.folder })
  const { stderr } = await ended.catch((error: unknown) => error as { readonly stderr: string })
  expect(stderr).toContain('usage.no-duckdb')
  expect(stderr).toContain('npm install @duckdb/node-api')
})

describe.each(['js', 'cjs'] as const)('the programs, run as .%s,', (extension) => {
  let world: LabWorld
  let folder: string

  beforeAll(async () => {
    const nowMs = Date.now()
    world = await labWorld({ sample: { objects: 60, window: { fromMs: nowMs - 20 * hourMs, toMs: nowMs - hourMs } } })
    const days = { fromMs: nowMs - 144 * hourMs, toMs: nowMs - 30 * hourMs }
    await addSamples(world.lab.bucket(), { prefix: '' }, seededRandom(2), { objects: 60, window: days })
    await addSamples(world.lab.bucket(), { prefix: '' }, seededRandom(3), { objects: 40, window: oldWindow })
    installed.add('@duckdb/node-api')
    folder = world.newPath()
    mkdirSync(folder)
    writeFileSync(join(folder, 'crosstrail.yaml'), readFileSync(world.configWith(mayDelete)))
  })
  afterAll(() => world.stop())

  /** Starts what the compiler made of a program, in a folder with a config. */
  function start(name: Program, { edit = (text: string) => text, env = {} } = {}) {
    const text = edit(readFileSync(join(installed.folder, `${name}.js`), 'utf8'))
    const file = join(installed.folder, `run-${name}.${extension}`)
    writeFileSync(file, extension === 'cjs' ? asCommonJs(text) : text)
    const { CROSSTRAIL_CONFIG: _config, ...others } = world.env
    const child = spawn(process.execPath, [file], { cwd: folder, env: { ...others, ...env } })
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (part: string) => (said.stdout += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (said.stderr += part))
    const ended = new Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>(
      (settle) => child.once('close', (exitCode) => settle({ exitCode, ...said })),
    )
    const says = async (text: string) => {
      for (let tries = 0; !`${said.stdout}${said.stderr}`.includes(text); tries++) {
        if (tries > 1200) throw new Error(`it did not say ${text}, but ${JSON.stringify(said)}`)
        await sleep(50)
      }
    }
    return { child, ended, says }
  }

  const logsSince = (hours: number): StoredLog[] =>
    storedLogs(world.lab).filter(({ object }) => object.lastModifiedMs > Date.now() - hours * hourMs)
  const bytesOf = (logs: readonly StoredLog[]) => logs.reduce((sum, { object }) => sum + object.body.length, 0)

  /** Each record of the logs once. */
  const recordsOf = (logs: readonly StoredLog[]): EventRecord[] => {
    const records = logs.flatMap(
      ({ object }) => (JSON.parse(gunzipSync(object.body).toString()) as { Records: EventRecord[] }).Records,
    )
    return [...new Map(records.map((record) => [eventIdOf(record), record])).values()]
  }

  it('opens a config and counts logs', async () => {
    const own = storedLogs(world.lab).filter(({ logAccount }) => logAccount === labAccounts.B)
    const { exitCode, stdout } = await start('opening').ended
    expect(stdout).toContain(`objects: ${own.length}`)
    expect(exitCode).toBe(0)
  })

  it('counts bytes by region', async () => {
    const logs = logsSince(24)
    const regions = [...new Set(logs.map(({ region }) => region))]
    const expected = regions.map((name) => `${name} ${bytesOf(logs.filter(({ region }) => region === name))}`)
    const { exitCode, stdout } = await start('bytes').ended
    expect(stdout.trimEnd().split('\n').sort()).toEqual(expected.sort())
    expect(exitCode).toBe(0)
  })

  it('downloads a week, and exits with 1 if a log is missing', async () => {
    const week = logsSince(168)
    const [lost] = week.map(({ key }) => key)
    world.lab.setFaults({
      hook: ({ operation, key }) =>
        operation === 'GetObject' && key === lost ? { status: 403, code: 'AccessDenied', message: 'no' } : undefined,
    })
    const first = await start('download').ended
    expect(first.stderr).toContain(`${lost}: `)
    expect(first.stderr).toMatch(/^100 of \d+$/m)
    expect(first.stdout).toContain(`${week.length - 1} logs, `)
    expect(first.exitCode).toBe(1)

    world.lab.setFaults({})
    const again = await start('download').ended
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^1 logs, \d+ bytes\n$/) as string })
    for (const { key, object } of week) expect(readFileSync(join(folder, 'logs', key)).equals(object.body)).toBe(true)
  })

  it('adds up a journal', async () => {
    const state = join(folder, 'logs', '.crosstrail')
    // Both downloads may have begun in one second, so their names do not tell which was first.
    const isFailed = (name: string) => readFileSync(join(state, name), 'utf8').includes('"status":"failed"')
    const first = readdirSync(state).find((name) => name.startsWith('download-') && isFailed(name)) ?? ''
    mkdirSync(join(folder, 'journals'))
    copyFileSync(join(state, first), join(folder, 'journals', first))
    const { exitCode, stdout, stderr } = await start('merge').ended
    expect(stdout).toContain("status: 'failed'")
    expect(stderr).toMatch(/^\d+ objects, 1 failed/)
    expect(exitCode).toBe(0)
  })

  it('counts denied calls, and exits with 1 if a log cannot be read', async () => {
    const records = recordsOf(
      storedLogs(world.lab).filter(({ object }) => object.lastModifiedMs > Date.now() - 24 * hourMs),
    )
    const denied = records.filter(({ errorCode }) => /^AccessDenied|Unauthorized/.test(String(errorCode)))
    const calls = denied.map((record) => `${userText(record)} ${String(record['eventName'])}`)
    const expected = [...new Set(calls)].map((call) => `${calls.filter((one) => one === call).length} ${call}`)
    const { exitCode, stdout } = await start('events').ended
    expect(expected.length).toBeGreaterThan(3)
    expect(stdout.trimEnd().split('\n').sort()).toEqual(expected.sort())
    expect(exitCode).toBe(0)

    const [lost] = logsSince(24).map(({ key }) => key)
    world.lab.setFaults({
      hook: ({ operation, key }) =>
        operation === 'GetObject' && key === lost ? { status: 403, code: 'AccessDenied', message: 'no' } : undefined,
    })
    expect((await start('events').ended).exitCode).toBe(1)
    world.lab.setFaults({})
  })

  it('finds records in a folder without a config', async () => {
    const week = recordsOf(logsSince(168))
    const expected = week.filter(({ eventName }) => eventName === 'DeleteBucket')
    const { exitCode, stdout, stderr } = await start('folders', { env: { CROSSTRAIL_CONFIG: '/none.yaml' } }).ended
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EventRecord)
    expect(expected.length).toBeGreaterThan(0)
    const ids = (records: readonly EventRecord[]) => records.map((record) => String(eventIdOf(record))).sort()
    expect(ids(found)).toEqual(ids(expected))
    const times = found.map(({ eventTime }) => String(eventTime))
    expect(times).toEqual(times.toSorted())
    expect(stderr).toBe(`${expected.length} records\n`)
    expect(exitCode).toBe(0)
  })

  it('runs SQL if DuckDB is installed', async () => {
    const failed = recordsOf(logsSince(168)).filter(({ errorCode }) => errorCode !== undefined)
    const names = failed.map(({ eventName }) => String(eventName))
    const rows = [...new Set(names)].map((name) => ({ name, n: names.filter((one) => one === name).length }))
    const expected = rows.sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1)).slice(0, 10)
    const { exitCode, stdout, stderr } = await start('query').ended
    expect(stdout).toBe(expected.map(({ name, n }) => `${name} ${n}\n`).join(''))
    expect(stderr).toMatch(/^\d+ records\n$/)
    expect(exitCode).toBe(0)
  })

  it('deletes what the plan names, and refuses to exceed the limit', async () => {
    const old = storedLogs(world.lab).filter(({ stamp }) => stamp < '2026')
    const all = storedLogs(world.lab).length
    const state = join(world.env['HOME'] ?? '', '.local/state/crosstrail')
    const limited = await start('delete', { edit: (text) => text.replace('maxDelete: 500', 'maxDelete: 39') }).ended
    expect(limited.stdout).toContain(`${old.length} deletions, ${bytesOf(old)} bytes`)
    expect(limited.stderr).toContain('the plan has 40 deletions')
    expect(limited.exitCode).toBe(2)
    expect(storedLogs(world.lab)).toHaveLength(all)
    expect(existsSync(state) ? readdirSync(state) : []).toEqual([])

    const { exitCode, stdout } = await start('delete').ended
    expect(stdout).toMatch(/^40 deleted, 0 failed; journal: .*\.ndjson$/m)
    expect(exitCode).toBe(0)
    expect(storedLogs(world.lab)).toHaveLength(all - 40)
  })

  it('pulls, reports findings, continues after failures, and stops', async () => {
    const [lost] = logsSince(24).map(({ key }) => key)
    world.lab.setFaults({
      hook: ({ operation, key }) =>
        operation === 'GetObject' && key === lost ? { status: 403, code: 'AccessDenied', message: 'no' } : undefined,
    })
    const edit = (text: string) => text.replace("to: 'logs'", "to: 'pulled'")
    const state = join(folder, 'pulled', stateFolderName)
    mkdirSync(state, { recursive: true, mode: 0o700 })
    const lock = takeLock(state)
    const program = start('pull', { edit, env: { PULL_EVERY: '1s' } })
    await program.says('lock.held: ')
    lock.release()
    await program.says(`${logsSince(24).length - 1} new logs`)
    await program.says('pull.gap ')
    world.lab.setFaults({})
    await program.says('1 new logs\n')
    program.child.kill('SIGTERM')
    expect((await program.ended).exitCode).toBe(0)
    expect(existsSync(join(folder, 'pulled', lost ?? ''))).toBe(true)
  })

  it('takes what a queue announces without a listing, and stops', async () => {
    world.lab.principals.zAudit.user.policies.push({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
    })
    const queue = world.lab.queues.create('new-logs', { account: labAccounts.Z })
    const announcing = world.lab.announce({ queue, shape: 's3-sns' })
    const sqs = `sqs: { url: "${queue.url}", region: us-east-1 }`
    const config = world.configWith((text) => text.replace(/^  Z:$/m, `  Z:\n    ${sqs}`))
    const edit = (text: string) => text.replace("to: 'logs'", "to: 'announced'")
    const program = start('queue', { edit, env: { CROSSTRAIL_CONFIG: config, LISTEN_FOR: '2s' } })
    await program.says(`${logsSince(24).length} new logs`)
    world.lab.requests.clear()
    const bucket = world.lab.bucket()
    const [model] = storedLogs(world.lab)
    const parts = parseKey(model?.key ?? '', { prefix: '' })
    if (parts === undefined || parts.kind === 'digest') throw new Error('no log')
    const key = formatKey({ ...parts, deliveredAtMs: Date.now(), random: 'announced0000000' }, { prefix: '' })
    bucket.put(key, model?.object.body ?? '')
    await program.says('1 new logs\n')
    expect(existsSync(join(folder, 'announced', key))).toBe(true)
    expect(world.lab.requests.count('ListObjectsV2')).toBe(0)
    await expect.poll(() => queue.bodies).toEqual([])
    program.child.kill('SIGTERM')
    expect((await program.ended).exitCode).toBe(0)
    announcing.stop()
  })

  it('says why an account has no access, and which policies it needs', async () => {
    const fine = await start('access').ended
    expect(fine).toMatchObject({ exitCode: 0, stdout: '' })

    const reading = world.configWith((text) => text.replace('reads: own', `reads: ["${labAccounts.C}"]`))
    const { exitCode, stdout } = await start('access', { env: { CROSSTRAIL_CONFIG: reading } }).ended
    expect(stdout).toMatch(/^B list: /m)
    expect(stdout).toMatch(/^ {2}owner: add to the permission policy of .*CloudTrailLogs-B/m)
    expect(stdout).toMatch(/^in account 111111111111, for .*CloudTrailLogs-B/m)
    expect(stdout).toContain(`AWSLogs/${labAccounts.C}/`)
    expect(exitCode).toBe(3)
  })
})
