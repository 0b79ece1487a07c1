import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { type DeleteWorld, deleteWorld, filesIn, isOlder, oldWindow, olderHalf } from './support/delete-world.ts'

const count = 4
const window = ['--from', '2025-01-01', '--until', '2025-01-08']

let world: DeleteWorld
beforeAll(async () => {
  world = await deleteWorld()
})
afterAll(() => world.stop())

/** Runs a command once for each shard. */
async function inShards(args: readonly string[]): Promise<CommandResult[]> {
  const results = []
  for (let shard = 0; shard < count; shard++) {
    results.push(await world.crosstrail([...args, '--shard', `${shard}/${count}`]))
  }
  expect(results.map(({ exitCode, stderr }) => (exitCode === 0 ? '' : stderr))).toEqual(['', '', '', ''])
  return results
}

const keysOf = ({ stdout }: CommandResult) => jsonLines(stdout).map(({ key }) => String(key))

describe('the shards together do exactly what one run does', () => {
  test('list', async () => {
    const args = ['list', 'Z', ...window, '--output', 'json']
    const whole = keysOf(await world.crosstrail(args)).toSorted()
    const parts = (await inShards(args)).map(keysOf)
    expect(parts.flat().toSorted()).toEqual(whole)
    expect(Math.min(...parts.map(({ length }) => length))).toBeGreaterThan(whole.length / 8)
  })

  test('download, also into one folder, and merge adds up the journals', async () => {
    const to = world.newPath()
    await inShards(['download', 'Z', ...window, '--to', to])
    const { stdout, exitCode } = await world.run(['merge', join(to, '.crosstrail'), '--output', 'json'])
    expect(exitCode).toBe(0)
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      type: 'total',
      verb: 'download',
      shards: count,
      missing: [],
      done: world.logs().length,
      failed: 0,
    })
    const again = await world.crosstrail(['download', 'Z', ...window, '--to', to, '--output', 'json'])
    expect(jsonLines(again.stdout).every(({ reason }) => reason === 'present')).toBe(true)
  })

  test('events, from the bucket and from a folder', async () => {
    const to = world.newPath()
    await world.crosstrail(['download', 'Z', ...window, '--to', to])
    const ids = ({ stdout }: CommandResult) =>
      jsonLines(stdout).map(({ eventID, eventId }) => String(eventID ?? eventId))
    for (const where of [['Z'], ['--dir', to]]) {
      const journals = world.newPath()
      const args = ['events', ...where, ...window, '--journal-dir', journals]
      const whole = ids(await world.crosstrail(args.slice(0, -2))).toSorted()
      const parts = (await inShards(args)).map(ids)
      expect([...new Set(parts.flat())].toSorted()).toEqual(whole)
      expect(parts.every(({ length }) => length > 0)).toBe(true)
      const merged = await world.run(['merge', journals, '--output', 'json'])
      expect(merged.exitCode).toBe(0)
      expect(jsonLines(merged.stdout).at(-1)).toMatchObject({ verb: 'events', shards: count, failed: 0, findings: {} })
    }
  })

  test('delete --from-plan', async () => {
    const [dir, plan] = [world.newPath(), world.newPath()]
    const older = ['--from', '2025-01-01', ...olderHalf]
    const planned = await world.crosstrail(['delete', 'Z', ...older, '--journal-dir', dir, '--plan', plan])
    expect(planned.exitCode).toBe(0)
    const before = world.logs().filter(isOlder).length
    expect(before).toBeGreaterThan(0)
    const results = await inShards(['delete', '--from-plan', plan, '--yes', '--journal-dir', dir])
    expect(results[2]?.stderr).toContain('only shard 2/4 of this plan is carried out')
    expect(world.logs().filter(isOlder)).toEqual([])
    const { stdout } = await world.run(['merge', ...filesIn(dir, 'delete')])
    expect(stdout).toMatch(new RegExp(`^total +finished +${before} `, 'm'))
  })
})

describe('merge', () => {
  let folder: string
  beforeAll(async () => {
    const to = world.newPath()
    await inShards(['download', 'Z', ...window, '--to', to])
    folder = join(to, '.crosstrail')
  })

  /** A copy of the journals, changed. Their order is that of the shards. */
  function journals(change: (texts: string[]) => void): string {
    const copy = world.newPath()
    mkdirSync(copy)
    const names = readdirSync(folder).filter((name) => name.startsWith('download-'))
    const shardOf = (text: string) => /"shard":\{"index":(\d)/.exec(text)?.[1] ?? ''
    const texts = names.map((name) => readFileSync(join(folder, name), 'utf8'))
    texts.sort((a, b) => shardOf(a).localeCompare(shardOf(b)))
    change(texts)
    for (const [at, text] of texts.entries())
      writeFileSync(join(copy, `download-20260101T00000${at}Z-00000${at}.ndjson`), text)
    return copy
  }

  /** As a kill leaves it. */
  const cutOff = (text = '') => text.slice(0, -300)

  const merge = (...args: readonly string[]) => world.run(['merge', ...args])

  test('names a shard without a journal, and ends with 1', async () => {
    const { exitCode, stdout } = await merge(journals((texts) => texts.splice(2, 1)))
    expect(exitCode).toBe(1)
    expect(stdout).toContain('shard 2/4 has no journal: run it')
    expect(stdout).toMatch(/^total +1 missing/m)
  })

  test('counts what a killed run did, and ends with 1', async () => {
    const { exitCode, stdout } = await merge(journals((texts) => (texts[1] = cutOff(texts[1]))))
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^1\/4 +unfinished/m)
    expect(stdout).toContain('shard 1/4 is unfinished: run it again')
  })

  test('of several journals of a shard, the newest finished one counts', async () => {
    const { exitCode, stdout } = await merge(
      journals((texts) => {
        const [, , , text = ''] = texts
        // The same run again, killed later, and an older one.
        texts.push(text.replace(/"run":"[^"]*"/, '"run":"29990101T000000Z-000000"').slice(0, -300))
        texts.push(text.replace(/"run":"[^"]*"/, '"run":"20000101T000000Z-000000"'))
      }),
      '--output',
      'json',
    )
    expect(exitCode).toBe(0)
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      done: world.logs().length,
      superseded: [{}, {}].map(() => expect.any(String)),
    })
  })

  test('shows failures, and exits as one run would', async () => {
    const failed = (texts: string[]) => {
      const line = /^\{"status":"done",.*$/m.exec(texts[0] ?? '')?.[0] ?? ''
      const { key, bytes } = JSON.parse(line) as { key: string; bytes: number }
      const failure = {
        status: 'failed',
        account: 'Z',
        key,
        sizeBytes: 1,
        etag: '',
        code: 'object.gone',
        message: 'it was deleted',
      }
      texts[0] = (texts[0] ?? '')
        .replace(line, JSON.stringify(failure))
        .replace(
          /"done":(\d+),"doneBytes":(\d+)/,
          (_, done, all) => `"done":${Number(done) - 1},"doneBytes":${Number(all) - bytes}`,
        )
        .replace('"failed":0', '"failed":1')
    }
    const { exitCode, stdout } = await merge(journals(failed))
    expect(exitCode).toBe(1)
    expect(stdout).toContain('failed: it was deleted (object.gone in shard 0/4)')
    const stopped = journals((texts) => {
      texts[0] = (texts[0] ?? '').replace('"stopped":{}', '"stopped":{"Z":"access.assume-role-denied"}')
    })
    expect((await merge(stopped)).exitCode).toBe(3)
  })

  test.each([
    [
      'a changed line',
      (texts: string[]) => void (texts[0] = (texts[0] ?? '').replace('"status":"done"', '"status":"skipped"')),
      'has other counts than its lines',
    ],
    [
      'a journal of another command',
      (texts: string[]) => void (texts[3] = (texts[3] ?? '').replace('"layout":"', '"layout":"x')),
      'differ in the options',
    ],
    [
      'another number of shards',
      (texts: string[]) => void (texts[3] = (texts[3] ?? '').replace('"count":4', '"count":5')),
      'differ in the number of shards',
    ],
    ['a file that is no journal', (texts: string[]) => void (texts[1] = 'hello\n'), 'is not a journal of crosstrail'],
  ])('refuses %s', async (_, change, message) => {
    const { exitCode, stderr } = await merge(journals(change))
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })

  test('refuses a folder without journals, and no arguments', async () => {
    expect((await merge(world.newPath())).exitCode).toBe(2)
    expect((await merge()).exitCode).toBe(2)
  })
})

describe('--shard', () => {
  test('auto reads the variables of the job', async () => {
    const args = ['list', 'Z', ...window, '--output', 'json']
    const expected = keysOf(await world.crosstrail([...args, '--shard', '2/4'])).toSorted()
    const env = { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '4' }
    expect(keysOf(await world.crosstrail([...args, '--shard', 'auto'], { env })).toSorted()).toEqual(expected)
  })

  test('delete takes it only with a plan, and not with a plan of logs and digests', async () => {
    const { exitCode, stderr } = await world.crosstrail(['delete', 'Z', ...window, '--shard', '1/4'])
    expect(stderr).toContain('delete takes --shard only with --from-plan')
    expect(exitCode).toBe(2)
    const toMs = oldWindow.fromMs + 6 * hourMs
    const other = await deleteWorld({ sample: { objects: 20, digests: true, window: { ...oldWindow, toMs } } })
    try {
      const [dir, plan] = [other.newPath(), other.newPath()]
      const allowed = ['--allow-whole-trail', '--break-chain', '--journal-dir', dir]
      const kinds = ['--kind', 'events,digest']
      await other.crosstrail(['delete', 'Z', ...window, ...kinds, ...allowed, '--plan', plan])
      const refused = await other.crosstrail(['delete', '--from-plan', plan, '--yes', ...allowed, '--shard', '1/4'])
      expect(refused.stderr).toContain('deletes logs and digests, so it cannot be carried out in shards')
      expect(refused.exitCode).toBe(2)
      expect(filesIn(dir, 'delete')).toEqual([])
    } finally {
      await other.stop()
    }
  })
})
