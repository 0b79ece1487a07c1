import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hourMs } from '../../src/trail/calendar.ts'
import { type AlteredStream, trailFromMs, trailWindow } from './support/altered-trail.ts'
import { archive } from './support/copy-world.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { type VerifiedWorld, verifiedWorld } from './support/verified-world.ts'

let world: VerifiedWorld
let stream: AlteredStream
beforeEach(async () => {
  world = await verifiedWorld(['us-east-1'])
  stream = world.stream('us-east-1')
})
afterEach(() => world.stop())

function deleteVerified(window: readonly string[], ...args: readonly string[]): Promise<CommandResult> {
  return world.run(['delete', 'Z', ...window, '--verified', '--allow-recent', '--allow-whole-trail', ...args])
}

function keys(): string[] {
  return world.lab.bucket().keys()
}

test('with an archive, deletes only logs that are verified and archived', async () => {
  const notArchived = stream.logOf(5)
  await world.run(['copy', 'Z', ...trailWindow, '--to', archive, '--exclude', notArchived])
  const altered = stream.logOf(2)
  const body = gzipSync('{"Records":["altered"]}')
  stream.replace(altered, body)
  world.archive.put(`trail/${altered}`, body)
  const added = stream.addLog(trailFromMs + 2.5 * hourMs)
  world.archive.put(`trail/${added}`, stream.body(added))
  const result = await deleteVerified(trailWindow, '--archived-in', archive, '--yes')
  expect(result).toMatchObject({ exitCode: 1 })
  expect(keys()).toEqual([notArchived, altered, added, ...stream.digests].toSorted())
})

test('counts what is outside the window as remaining, and plans each object once', async () => {
  const plan = world.newPath()
  const half = ['--from', '2026-11-01T02:00', '--until', '2026-11-01T06:00']
  const kinds = ['--kind', 'events,digest', '--break-chain']
  expect(await deleteVerified(half, ...kinds, '--plan', plan)).toMatchObject({ exitCode: 0 })
  const lines = jsonLines(readFileSync(plan, 'utf8'))
  const isInside = (key: string) => /_20261101T0[2-5]\d/.test(key)
  const logs = stream.logs.filter(isInside)
  const planned = lines.slice(1, -1).flatMap(({ key, kept }) => (kept === undefined ? [String(key)] : []))
  expect(planned.toSorted()).toEqual(logs)
  // Older logs stay, and so does each digest that may prove one of them.
  const digests = stream.digests.filter(isInside)
  const kept = lines.slice(1, -1).flatMap(({ key, kept: why }) => (why === 'logs-remain' ? [String(key)] : []))
  expect(kept.toSorted()).toEqual(digests)
  expect(lines.at(-1)).toMatchObject({
    planned: { objects: logs.length },
    remaining: { objects: stream.logs.length - logs.length + stream.digests.length },
  })
})

test('a log that cannot be unzipped within the limit stays, and makes the exit code 1', async () => {
  const key = stream.logOf(-1)
  const text = JSON.stringify({ Records: [], blanks: ' '.repeat(3 * 1024 ** 2) })
  stream.replace(key, gzipSync(text))
  stream.rewrite(stream.digest(-1), (fields) => {
    for (const log of fields['logFiles'] as Record<string, string>[]) {
      if (log['s3Object'] === key) log['hashValue'] = createHash('sha256').update(text).digest('hex')
    }
  })
  const result = await deleteVerified(trailWindow, '--max-inflated', '1MiB', '--yes')
  expect(result).toMatchObject({ exitCode: 1 })
  expect(result.stderr).toContain('could not be verified, and stays')
  expect(keys()).toEqual([key, ...stream.digests].toSorted())
})
