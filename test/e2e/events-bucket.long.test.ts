import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { eventFolder, eventRecord } from './support/event-folder.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

const objects = 200
const all = ['--from', '2020-01-01'] as const
let world: LabWorld
/** The text of each record in the bucket, by its id. */
let stored: ReadonlyMap<string, string>
let records = 0

beforeAll(async () => {
  world = await labWorld({ sample: { objects } })
  const texts = storedLogs(world.lab).flatMap(({ object }) =>
    (JSON.parse(gunzipSync(object.body).toString()) as { Records: Record<string, unknown>[] }).Records.map(
      (record) => [String(record['eventID'] ?? record['eventId']), JSON.stringify(record)] as const,
    ),
  )
  records = texts.length
  stored = new Map(texts)
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

const number = (text: string | undefined) => Number((text ?? '').replaceAll(',', ''))

describe('a search of the bucket', () => {
  test("shows each record's own bytes once, and the counts add up", async () => {
    const { exitCode, stdout, stderr } = await world.run(['events', 'Z', ...all])
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').slice(0, -1).sort()).toEqual([...stored.values()].sort())
    const [, read, matched, duplicates, shown] =
      /^read ([\d,]+) records in \d+ logs.*: ([\d,]+) matched, ([\d,]+) of them duplicates; ([\d,]+) shown$/m.exec(
        stderr,
      ) ?? []
    expect(number(read)).toBe(records)
    expect(number(matched)).toBe(records)
    expect(number(shown)).toBe(stored.size)
    expect(number(matched)).toBe(number(shown) + number(duplicates))
  })

  test('writes nothing to disk', async () => {
    const temp = world.newPath()
    mkdirSync(temp)
    const before = treeOf(world.env['HOME'] ?? '')
    for (const args of [[], ['--sort', 'time'], ['--count-by', 'eventName'], ['--output', 'table']]) {
      expect(await world.run(['events', 'Z', ...all, ...args], { env: { TMPDIR: temp } })).toMatchObject({
        exitCode: 0,
      })
    }
    expect(treeOf(world.env['HOME'] ?? '')).toEqual(before)
    expect(readdirSync(temp)).toEqual([])
  })

  test('counts an archived log, which may hold events, and ends with 1', async () => {
    const log = storedLogs(world.lab).find(({ key }) => /_CloudTrail_/.test(key))
    const bucket = world.lab.bucket()
    const { body, lastModifiedMs } = log?.object ?? { body: Buffer.alloc(0), lastModifiedMs: 0 }
    bucket.put(log?.key ?? '', body, { lastModifiedMs, storageClass: 'GLACIER' })
    const { exitCode, stderr } = await world.run(['events', 'Z', ...all])
    bucket.put(log?.key ?? '', body, { lastModifiedMs })
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('1 archived log could not be read: restore first') as string,
    })
  })

  test('names a log that cannot be read, shows the others, and ends with 1', async () => {
    const key = storedLogs(world.lab).find(({ key: one }) => /_CloudTrail_/.test(one))?.key ?? ''
    const denied = { status: 403, code: 'AccessDenied', message: 'Access Denied' }
    world.lab.setFaults({
      hook: ({ operation, key: asked }) => (operation === 'GetObject' && asked === key ? denied : undefined),
    })
    const { exitCode, stdout, stderr } = await world.run(['events', 'Z', ...all])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`failed: Z ${key}: `)
    expect(stderr).toContain('1 log could not be read')
    expect(jsonLines(stdout).length).toBeGreaterThan(0)
    expect(jsonLines(stdout).length).toBeLessThan(stored.size)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it in order with %i, and the counts are those of what was shown', async (signal, code) => {
    let gets = 0
    const { child, result } = world.start(['events', 'Z', ...all])
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        if (++gets === 60) child.kill(signal)
        return gets < 60 ? undefined : { latencyMs: 50 }
      },
    })
    const { exitCode, stdout, stderr } = await result
    expect(exitCode).toBe(code)
    expect(stderr).toContain('interrupted: not all logs were read')
    const shown = number(/; ([\d,]+) shown/.exec(stderr)?.[1])
    expect(shown).toBe(jsonLines(stdout).length)
    expect(shown).toBeLessThan(stored.size)
  })

  test.each([
    [['--sort', 'time'], '0 shown'],
    [['--count-by', 'eventName'], 'counted'],
  ])('SIGINT while logs are read for %j shows nothing, and the counts do not say otherwise', async (args, counts) => {
    let gets = 0
    const { child, result } = world.start(['events', 'Z', ...all, ...args])
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        if (++gets === 60) child.kill('SIGINT')
        return gets < 60 ? undefined : { latencyMs: 50 }
      },
    })
    const { exitCode, stdout, stderr } = await result
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' })
    expect(stderr).toContain(counts)
    expect(stderr).toContain('interrupted: not all logs were read')
  })
})

const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')

describe('a reader that stops', () => {
  test('after one line, as head does, ends the search early and quietly with 0', async () => {
    let gets = 0
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        return ++gets > 40 ? { latencyMs: 150 } : undefined
      },
    })
    const child = spawn(
      'sh',
      ['-c', `{ '${process.execPath}' '${bin}' events Z ${all.join(' ')}; echo "exit $?" >&2; } | head -1`],
      {
        env: world.env,
      },
    )
    let stderr = ''
    let stdout = ''
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
    await once(child, 'close')
    expect(stderr).toBe('exit 0\n')
    expect(jsonLines(stdout)).toHaveLength(1)
    expect(gets).toBeLessThan(objects)
  })

  test('does not stop a SIGINT: sorted results end soon, and the counts are those of what was written', async () => {
    const padding = 'x'.repeat(50_000)
    const large = eventFolder(world.newPath(), {
      'log.json': Array.from({ length: 1000 }, (_, at) => eventRecord(at, { userAgent: padding })),
    })
    const child = spawn(process.execPath, [bin, 'events', '--dir', large, '--sort', 'time'], { env: world.env })
    let stderr = ''
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
    const [first] = (await once(child.stdout, 'data')) as [Buffer]
    child.stdout.pause()
    await new Promise((settle) => setTimeout(settle, 500))
    child.kill('SIGINT')
    await new Promise((settle) => setTimeout(settle, 500))
    let stdout = first.toString()
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString())).resume()
    const [exitCode] = (await once(child, 'close')) as [number]
    expect(exitCode).toBe(130)
    const shown = number(/; ([\d,]+) shown/.exec(stderr)?.[1])
    expect(shown).toBe(jsonLines(stdout).length)
    expect(shown).toBeGreaterThan(0)
    expect(shown).toBeLessThan(1000)
    expect(stderr).toContain('interrupted')
  })
})
