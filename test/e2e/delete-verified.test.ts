import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import { type AlteredStream, trailFromMs, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { journalLines, onlyFile } from './support/delete-world.ts'
import { type VerifiedWorld, verifiedWorld } from './support/verified-world.ts'

let world: VerifiedWorld
let stream: AlteredStream
beforeEach(async () => {
  world = await verifiedWorld(['us-east-1'])
  stream = world.stream('us-east-1')
})
afterEach(() => world.stop())

const window = [...trailWindow, '--allow-recent', '--allow-whole-trail']

function deleteVerified(...args: readonly string[]): Promise<CommandResult> {
  return world.run(['delete', 'Z', ...window, '--verified', ...args])
}

function keys(): string[] {
  return world.lab.bucket().keys()
}

function changed(key: string): Buffer {
  return gzipSync(gunzipSync(stream.body(key)).toString().replace('"eventVersion"', '"changed"'))
}

/** Alters a log, adds one, and archives one. Returns their keys by why they are not verified. */
function alter(): Readonly<Record<'wrong' | 'unlisted' | 'archived', string>> {
  const [wrong, archived] = [stream.logOf(2), stream.logOf(4)]
  stream.replace(wrong, changed(wrong))
  const unlisted = stream.addLog(trailFromMs + 2.5 * hourMs)
  stream.archive(archived)
  return { wrong, unlisted, archived }
}

/** Lists whose order does not matter. */
function sorted(lists: readonly (readonly unknown[])[]): string[] {
  return lists.map((list) => list.join(' ')).toSorted()
}

function rows({ stdout }: CommandResult, fields: Readonly<Record<string, unknown>>) {
  return jsonLines(stdout).filter((row) => Object.entries(fields).every(([name, value]) => row[name] === value))
}

describe('delete --verified', () => {
  test('deletes what is proven, and keeps the rest, with the digests', async () => {
    const bad = alter()
    const result = await deleteVerified('--yes', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    expect(keys().toSorted()).toEqual([...Object.values(bad), ...stream.digests].toSorted())
    const kept = rows(result, { reason: 'unverified' }).map(({ key, state }) => [state, key])
    expect(sorted(kept)).toEqual(sorted(Object.entries(bad)))
    const findings = rows(result, { type: 'finding' }).map(({ code, key }) => [code, key])
    expect(sorted(findings)).toEqual(
      sorted([
        ['verify.log-hash', bad.wrong],
        ['verify.log-unlisted', bad.unlisted],
      ]),
    )
  })

  test('deletes an untouched trail with exit code 0, and may run again', async () => {
    const logs = stream.logs.length
    expect(await deleteVerified('--yes')).toMatchObject({ exitCode: 0 })
    expect(keys()).toEqual(stream.digests)
    stream.replace(stream.logs[0] ?? '', Buffer.from('put back and altered'), {})
    const again = await deleteVerified('--yes')
    expect(again).toMatchObject({ exitCode: 1 })
    expect(again.stderr).toContain(`${logs - 1} logs that digests list are gone already`)
    expect(again.stderr).not.toContain('verify.log-missing')
    expect(keys()).toEqual([stream.logs[0] ?? '', ...stream.digests].toSorted())
  })

  test('deletes proven digests whose logs are gone, if it is asked for digests', async () => {
    const digest = stream.digest(3)
    stream.replace(digest, Buffer.concat([stream.body(digest), Buffer.from('more')]))
    const result = await deleteVerified('--kind', 'events,digest', '--break-chain', '--yes', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    // The last digest ends with the window.
    expect(keys()).toEqual([digest, stream.digest(-1)].toSorted())
    expect(rows(result, { type: 'finding' })).toHaveLength(1)
    expect(rows(result, { reason: 'unverified' })).toMatchObject([{ key: digest, state: 'wrong' }])
  })

  test('does not delete a log that was altered after the plan was made', async () => {
    const plan = world.newPath()
    expect(await deleteVerified('--plan', plan)).toMatchObject({ exitCode: 0 })
    const altered = stream.logOf(2)
    stream.replace(altered, changed(altered))
    const result = await world.run(['delete', '--from-plan', plan, '--allow-recent', '--allow-whole-trail', '--yes'])
    expect(result).toMatchObject({ exitCode: 1 })
    expect(result.stderr).toContain('object.changed')
    expect(keys()).toEqual([altered, ...stream.digests].toSorted())
  })

  test('says in the plan, and when it is carried out, that it is verified and by which keys', async () => {
    const [plan, journals, savedKeys] = [world.newPath(), world.newPath(), world.newPath()]
    await world.run(['verify', 'Z', ...trailWindow, '--save-keys', savedKeys])
    const [fingerprint] = /\b[0-9a-f]{32}\b/.exec(readFileSync(savedKeys, 'utf8')) ?? []
    await deleteVerified('--plan', plan, '--keys', savedKeys)
    const lines = jsonLines(readFileSync(plan, 'utf8'))
    expect(lines[0]).toMatchObject({ options: { verified: { keysFrom: 'file' } } })
    expect(lines.at(-1)).toMatchObject({ keys: [{ fingerprint, digests: 8 }], kept: { unverified: 0 } })
    const planned = lines.slice(1, -1).map(({ key, etag }) => [key, etag])
    expect(sorted(planned)).toEqual(sorted(stream.logs.map((key) => [key, world.lab.bucket().get(key)?.etag])))
    const carried = ['delete', '--from-plan', plan, '--allow-recent', '--allow-whole-trail', '--journal-dir', journals]
    const result = await world.run([...carried, '--yes'])
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stdout).toContain(`verified   every object, with 1 public key from a file: ${fingerprint}`)
    expect(journalLines(onlyFile(journals, 'delete'))[0]).toMatchObject({ options: { verified: true } })
  })

  test('deletes nothing if the public keys are refused, and says why once', async () => {
    const before = keys()
    world.lab.publicKeys.closeRegion('us-east-1')
    const result = await deleteVerified('--yes')
    expect(result.exitCode).not.toBe(0)
    expect(result.stderr).toContain('no plan was made')
    expect(keys()).toEqual(before)
    const noFile = await deleteVerified('--yes', '--keys', world.newPath())
    expect(noFile).toMatchObject({ exitCode: 2 })
    expect(noFile.stderr.match(/cannot read the public keys/g)).toHaveLength(1)
    expect(keys()).toEqual(before)
  })

  test.each([
    ['--versions', 'usage.conflict'],
    ['--bypass-governance', 'usage.conflict'],
  ])('is refused with %s', async (option) => {
    expect(await deleteVerified(option)).toMatchObject({ exitCode: 2 })
  })
})

test('the options that belong to --verified need it, and a plan says already what is verified', async () => {
  const without = await world.run(['delete', 'Z', ...window, '--keys', 'keys.json'])
  expect(without).toMatchObject({ exitCode: 2 })
  expect(without.stderr).toContain('--keys needs --verified')
  const besidePlan = await world.run(['delete', '--from-plan', 'plan.ndjson', '--verified'])
  expect(besidePlan).toMatchObject({ exitCode: 2 })
  expect(besidePlan.stderr).toContain('--from-plan does not go together with --verified')
})
