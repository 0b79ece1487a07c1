import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gunzipSync, gzipSync } from 'node:zlib'
import { hourMs } from '../../src/trail/calendar.ts'
import { trailFromMs, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { type VerifiedWorld, verifiedWorld } from './support/verified-world.ts'

const target = 's3://example-archive/trail'
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
  result = await world.run(['copy', 'Z', ...trailWindow, '--to', target, '--verified', '--output', 'json'])
})
afterAll(() => world.world.stop())

/** Everything in the window: logs, and the digests of its periods but the last one, which ends at its end. */
function allKeys(): string[] {
  return world.world.lab
    .bucket()
    .keys()
    .filter((key) => !/20261101T0800\d*Z/.test(key))
}

function copied(): string[] {
  return world.archive.keys().map((key) => key.slice('trail/'.length))
}

function rows({ stdout }: CommandResult, fields: Readonly<Record<string, unknown>>) {
  return jsonLines(stdout).filter((row) => Object.entries(fields).every(([name, value]) => row[name] === value))
}

describe('copy --verified', () => {
  test('copies everything that is proven, digests too, and nothing else', () => {
    const wrong = new Set(Object.values(bad))
    expect(copied().toSorted()).toEqual(
      allKeys()
        .filter((key) => !wrong.has(key))
        .toSorted(),
    )
  })

  test('skips the others as unverified, with the reason, and exits with 1', () => {
    expect(result.exitCode).toBe(1)
    const skipped = rows(result, { reason: 'unverified' }).map(({ key, state }) => [key, state])
    expect(skipped.toSorted()).toEqual(
      [
        [bad['wrong'], 'wrong'],
        [bad['unlisted'], 'unlisted'],
        [bad['archived'], 'archived'],
        [bad['digest'], 'wrong'],
      ].toSorted(),
    )
    expect(result.stderr).toContain('4 unverified')
  })

  test('shows the findings, and what was proven', () => {
    const findings = rows(result, { type: 'finding' }).map(({ code, key }) => [code, key])
    expect(findings.toSorted()).toEqual(
      [
        ['verify.log-hash', bad['wrong']],
        ['verify.log-unlisted', bad['unlisted']],
        ['verify.digest-malformed', bad['digest']],
      ].toSorted(),
    )
    expect(jsonLines(result.stdout).at(-1)).toMatchObject({
      proof: { digests: { found: 16, verified: 16 }, logs: { wrong: 1, unlisted: 1, archived: 1 } },
    })
  })
})
