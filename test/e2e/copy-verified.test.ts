import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gunzipSync, gzipSync } from 'node:zlib'
import { hourMs } from '../../src/trail/calendar.ts'
import { trailFromMs, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { archive, foreignArchive } from './support/copy-world.ts'
import { clockFrom } from './support/shifted-clock.ts'
import { type VerifiedWorld, verifiedWorld } from './support/verified-world.ts'

let world: VerifiedWorld
/** The keys that are not verified, by why. */
const bad: Record<string, string> = {}
let result: CommandResult
beforeAll(async () => {
  world = await verifiedWorld(['us-east-1', 'eu-west-1'])
  const stream = world.stream('us-east-1')
  const altered = stream.logOf(2)
  const text = gunzipSync(stream.body(altered)).toString()
  stream.replace(altered, gzipSync(text.replace('"eventVersion"', '"changed"')))
  bad['wrong'] = altered
  bad['unlisted'] = stream.addLog(trailFromMs + 2.5 * hourMs)
  const archived = stream.logOf(4)
  stream.archive(archived)
  bad['archived'] = archived
  const digest = world.stream('eu-west-1').digest(1)
  const cut = world.stream('eu-west-1')
  cut.replace(digest, Buffer.concat([cut.body(digest), Buffer.from('more')]))
  bad['digest'] = digest
  result = await world.run(['copy', 'Z', ...trailWindow, '--to', archive, '--verified', '--output', 'json'])
})
afterAll(() => world.stop())

/** Everything in the window: logs, and the digests of its periods but the last one, which ends at its end. */
function allKeys(): string[] {
  return world.lab
    .bucket()
    .keys()
    .filter((key) => !/20261101T0800\d*Z/.test(key))
}

function copied(bucket = world.archive): string[] {
  return bucket
    .keys()
    .map((key) => key.slice('trail/'.length))
    .toSorted()
}

function verifiedKeys(): string[] {
  const wrong = new Set(Object.values(bad))
  return allKeys()
    .filter((key) => !wrong.has(key))
    .toSorted()
}

/** Lists whose order does not matter. */
function sorted(lists: readonly (readonly unknown[])[]): string[] {
  return lists.map((list) => list.join(' ')).toSorted()
}

function rows({ stdout }: CommandResult, fields: Readonly<Record<string, unknown>>) {
  return jsonLines(stdout).filter((row) => Object.entries(fields).every(([name, value]) => row[name] === value))
}

describe('copy --verified', () => {
  test('copies everything that is proven, digests too, and nothing else', () => {
    expect(copied()).toEqual(verifiedKeys())
  })

  test('skips the others as unverified, with the reason, and exits with 1', () => {
    expect(result.exitCode).toBe(1)
    const skipped = rows(result, { reason: 'unverified' }).map(({ key, state }) => [key, state])
    expect(sorted(skipped)).toEqual(
      sorted([
        [bad['wrong'], 'wrong'],
        [bad['unlisted'], 'unlisted'],
        [bad['archived'], 'archived'],
        [bad['digest'], 'wrong'],
      ]),
    )
    expect(result.stderr).toContain('4 unverified')
  })

  test('shows the findings, and what was proven', () => {
    const findings = rows(result, { type: 'finding' }).map(({ code, key }) => [code, key])
    expect(sorted(findings)).toEqual(
      sorted([
        ['verify.log-hash', bad['wrong']],
        ['verify.log-unlisted', bad['unlisted']],
        ['verify.digest-malformed', bad['digest']],
      ]),
    )
    expect(jsonLines(result.stdout).at(-1)).toMatchObject({
      proof: { digests: { found: 16, verified: 16 }, logs: { wrong: 1, unlisted: 1, archived: 1 } },
    })
  })

  test('run again, verifies again, and skips the copies as present', async () => {
    const again = await world.run(['copy', 'Z', ...trailWindow, '--to', archive, '--verified', '--output', 'json'])
    expect(again).toMatchObject({ exitCode: 1 })
    expect(rows(again, { status: 'done' })).toEqual([])
    expect(rows(again, { reason: 'present' })).toHaveLength(verifiedKeys().length)
    expect(rows(again, { reason: 'unverified' })).toHaveLength(4)
  })

  test('does not count the copy of an altered log as present', async () => {
    const { wrong = '' } = bad
    world.archive.put(`trail/${wrong}`, world.stream('us-east-1').body(wrong))
    const again = await world.run(['copy', 'Z', ...trailWindow, '--to', archive, '--verified', '--output', 'json'])
    world.archive.delete(`trail/${wrong}`)
    expect(rows(again, { key: wrong })).toMatchObject([{ code: 'verify.log-hash' }, { reason: 'unverified' }])
  })

  test('between two accounts, writes the bytes that it checked, read once', async () => {
    world.lab.requests.clear()
    const to = ['--to', foreignArchive, '--to-account', 'Zarchive']
    const streamed = await world.run(['copy', 'Z', ...trailWindow, ...to, '--kind', 'events', '--verified'])
    expect(streamed).toMatchObject({ exitCode: 1 })
    const logs = verifiedKeys().filter((key) => !key.includes('-Digest'))
    expect(copied(world.foreign)).toEqual(logs)
    // The altered log is read too, and the digests.
    expect(world.lab.requests.count('GetObject')).toBe(logs.length + 1 + 16)
    expect(world.lab.requests.count('CopyObject')).toBe(0)
  })

  test('skips logs whose digest is not due yet, which is no finding', async () => {
    const shiftMs = trailFromMs + 8.5 * hourMs - Date.now()
    const early = await verifiedWorld(['us-east-1'], { now: () => Date.now() + shiftMs })
    const stream = early.stream('us-east-1')
    stream.remove(stream.digest(-1))
    const result = await early.run(['copy', 'Z', '--to', archive, '--verified', '--output', 'json'], {
      env: clockFrom(Date.now() + shiftMs),
    })
    const pending = rows(result, { reason: 'unverified', state: 'pending' }).map(({ key }) => key)
    const keys = early.lab.bucket().keys()
    const there = early.archive.keys().map((key) => key.slice('trail/'.length))
    await early.stop()
    expect(result).toMatchObject({ exitCode: 0 })
    expect(pending.length).toBeGreaterThan(0)
    expect(there.toSorted()).toEqual(keys.filter((key) => !pending.includes(key)).toSorted())
  })

  test('needs verify among the verbs that an account allows', async () => {
    const config = world.configWith((text) => text.replaceAll('[list, download]', '[list, download, copy]'))
    const args = ['copy', 'Z', ...trailWindow, '--to', archive, '--verified', '--config', config]
    const result = await world.run(args)
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('account Z does not allow verify')
  })
})
