import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines, startCrosstrail } from './support/crosstrail.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'events-folder-'))))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs `crosstrail events` with JSON output, and returns the ids of the records, the counts, and the files that are named on stderr. */
async function search(...args: readonly string[]) {
  const command = startCrosstrail(['events', ...args, '--output', 'json'], {}, { cwd: folder })
  const { exitCode, stdout, stderr } = await command.result
  const lines = stderr.trimEnd().split('\n')
  const { counts } = JSON.parse(lines.at(-1) ?? '') as { readonly counts: Readonly<Record<string, number>> }
  const ids = jsonLines(stdout).map(({ eventID }) => String(eventID))
  return {
    exitCode,
    ids: ids.sort(),
    counts,
    named: lines.flatMap((line) => line.match(/many\/[\w/]+\.json/g) ?? []).sort(),
  }
}

test('several threads find the same records as one, and the counts are the same', async () => {
  for (let at = 0; at < 1200; at++) {
    const event = (number: number) => ({ eventID: `many-${number}`, awsRegion: 'us-east-1' })
    const records = [event(at), event(at + 1), event(10_000 + at)]
    mkdirSync(join(folder, `many/${at % 50}`), { recursive: true })
    writeFileSync(join(folder, `many/${at % 50}/${at}.json`), JSON.stringify({ Records: records }))
  }
  writeFileSync(join(folder, 'many/7/broken.json'), '{"Records":[{"eventID":}]}')
  writeFileSync(join(folder, 'many/8/broken.json'), '{')
  const one = await search('--dir', 'many', '--threads', '1')
  expect(one.counts).toMatchObject({
    logs: 1201,
    records: 3601,
    matched: 3600,
    duplicates: 1199,
    handedOut: 2401,
    unreadable: 1,
    failedLogs: 1,
  })
  expect(one).toMatchObject({ exitCode: 1, named: ['many/7/broken.json', 'many/8/broken.json', 'many/8/broken.json'] })
  expect(await search('--dir', 'many', '--threads', '3')).toEqual(one)
  const filtered = ['--event-id', 'many-1*', '--threads']
  const some = await search('--dir', 'many', ...filtered, '1')
  expect(await search('--dir', 'many', ...filtered, '3')).toEqual(some)
  expect(new Set(some.ids)).toEqual(new Set(one.ids.filter((id) => id.startsWith('many-1'))))
})
