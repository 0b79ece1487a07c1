import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchFolders } from '../../src/app/search-folders.ts'
import { linesOf } from '../../src/verbs/events/found-records.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { everything, type Selection } from '../../src/work/selection.ts'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'events-folder-'))))
afterAll(() => rmSync(folder, { recursive: true }))

interface LoggedEvent {
  readonly eventID: string
  readonly recipientAccountId: string
  readonly awsRegion: string
  readonly eventCategory?: string
}

const written: LoggedEvent[] = []

function write(path: string, ...events: readonly LoggedEvent[]): void {
  written.push(...events)
  writeLog(join(folder, path), events)
}

function writeLog(path: string, events: readonly LoggedEvent[]): void {
  mkdirSync(dirname(path), { recursive: true })
  const text = JSON.stringify({ Records: events.map((event) => ({ eventTime: '2026-11-01T10:00:00Z', ...event })) })
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text)
}

/** Searches folders and files, and returns the ids of the records, the counts and the files that failed. */
async function search(
  dirs: readonly string[],
  selection: Partial<Selection> = {},
  whenWritable?: () => Promise<void> | undefined,
) {
  const found: string[] = []
  const failed: string[] = []
  const report = await searchFolders(
    {
      dirs: dirs.map((dir) => join(folder, dir)),
      selection: { ...everything, ...selection },
      whenWritable,
      onFound: (records) => found.push(...[...linesOf(records)].map(eventIdOf)),
    },
    {},
    (event) => {
      if (event.type === 'outcome' && event.outcome.status === 'failed') failed.push(event.outcome.object.key)
    },
  )
  const { counts } = report
  expect(counts.handedOut).toBe(found.length)
  return {
    ids: found.sort(),
    counts,
    failed: failed.map((path) => path.replace(`${folder}/`, '')),
  }
}

function eventIdOf(line: Uint8Array): string {
  return (JSON.parse(Buffer.from(line).toString()) as LoggedEvent).eventID
}

const ids = (matches: (event: LoggedEvent) => boolean) =>
  [...new Set(written.filter(matches).map(({ eventID }) => eventID))].sort()

const [first, second] = ['111111111111', '222222222222'] as [AccountId, AccountId]
const named = (account: string, token: string, region: string) =>
  `${account}_${token}_${region}_20261101T1005Z_0123456789abcdef.json.gz`

describe('a tree of logs of several tools', () => {
  beforeAll(() => {
    const event = (eventID: string, recipientAccountId: string, awsRegion: string, eventCategory?: string) => ({
      eventID,
      recipientAccountId,
      awsRegion,
      ...(eventCategory === undefined ? {} : { eventCategory }),
    })
    const day = 'tree/AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/01'
    write(
      `${day}/${named(first, 'CloudTrail', 'us-east-1')}`,
      event('mirror-1', first, 'us-east-1'),
      event('mirror-2', first, 'us-east-1'),
    )
    write(`tree/flat/${named(second, 'CloudTrail', 'eu-west-1')}`, event('flat-1', second, 'eu-west-1'))
    write(
      `tree/flat/${named(second, 'CloudTrail-Insight', 'eu-west-1')}`,
      event('insight-1', second, 'eu-west-1', 'Insight'),
    )
    write(
      'tree/other/export.json',
      event('other-1', first, 'eu-west-1'),
      event('other-2', second, 'us-east-1', 'Insight'),
    )
    write(
      'tree/other/deep/er/export.json.gz',
      event('deep-1', second, 'us-east-1'),
      event('mirror-1', first, 'us-east-1'),
    )
    writeLog(
      join(folder, 'tree/digests', '111111111111_CloudTrail-Digest_us-east-1_trail_us-east-1_20261101T100500Z.json.gz'),
      [event('digest', first, 'us-east-1')],
    )
    writeFileSync(join(folder, 'tree/README.txt'), 'no log')
    symlinkSync('tree', join(folder, 'link'))
  })

  test('is searched as a whole, without digests, and the counts add up', async () => {
    expect(await search(['tree'])).toEqual({
      failed: [],
      ids: ids(() => true),
      counts: { logs: 5, records: 8, matched: 8, duplicates: 1, handedOut: 7, unreadable: 0 },
    })
  })

  test.each([
    ['twice', ['tree', 'tree/']],
    ['with a folder inside', ['tree/flat', 'tree']],
    ['with a file inside', ['tree', 'tree/other/export.json']],
    ['by a link', ['link', './tree']],
  ])('is read once if it is named %s', async (_how, dirs) => {
    expect((await search(dirs)).counts).toMatchObject({ logs: 5, records: 8, duplicates: 1 })
  })

  const selections: readonly (readonly [Partial<Selection>, (event: LoggedEvent) => boolean])[] = [
    [{ logAccounts: [second] }, ({ recipientAccountId }) => recipientAccountId === second],
    [{ regions: ['us-east-1'] }, ({ awsRegion }) => awsRegion === 'us-east-1'],
    [{ kinds: ['insight'] }, ({ eventCategory }) => eventCategory === 'Insight'],
    [
      { kinds: ['events'], regions: ['eu-west-1'] },
      ({ eventCategory, awsRegion }) => eventCategory === undefined && awsRegion === 'eu-west-1',
    ],
    [{ logAccounts: [first], kinds: ['insight'] }, () => false],
    [{ exclude: ['*_CloudTrail*'] }, ({ eventID }) => /^(other|deep|mirror-1)/.test(eventID)],
  ]
  test.each(selections)(
    '%j chooses by the name of a log, or by the record if the name says nothing',
    async (selection, matches) => {
      expect(await search(['tree'], selection)).toMatchObject({ failed: [], ids: ids(matches) })
    },
  )

  test('has no events in digests, so that they cannot be selected', async () => {
    await expect(search(['tree'], { kinds: ['digest'] })).rejects.toMatchObject({ code: 'usage.conflict' })
  })

  test('may be several folders and files', async () => {
    expect((await search(['tree/flat', 'tree/other/export.json'])).ids).toEqual([
      'flat-1',
      'insight-1',
      'other-1',
      'other-2',
    ])
  })

  test('a log that cannot be read is named and counted, and the others are searched', async () => {
    cpSync(join(folder, 'tree'), join(folder, 'broken'), { recursive: true })
    writeFileSync(join(folder, 'broken/cut.json.gz'), gzipSync('{"Records":[]}').subarray(0, 20))
    expect(await search(['broken'])).toMatchObject({
      failed: ['broken/cut.json.gz'],
      ids: ids(() => true),
      counts: { logs: 5 },
    })
  })

  test('a log that is deleted after it was listed is named and counted, and the others are searched', async () => {
    cpSync(join(folder, 'tree'), join(folder, 'shrinking'), { recursive: true })
    const failed = 'shrinking/other/export.json'
    const remove = () => (rmSync(join(folder, failed), { force: true }), undefined)
    expect(await search(['shrinking'], {}, remove)).toMatchObject({
      failed: [failed],
      ids: ids(({ eventID }) => !eventID.startsWith('other')),
      counts: { logs: 4 },
    })
  })

  test('a FIFO that is named is not opened, and fails', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')])
    expect(await search(['fifo', 'tree/flat'])).toMatchObject({ failed: ['fifo'], ids: ['flat-1', 'insight-1'] })
  })
})

test.each([
  [{ fromMs: 2, toMs: 1 }, 'usage.window'],
  [{ fromMs: -1 }, 'usage.invalid-value'],
  [{ toMs: Number.NaN }, 'usage.invalid-value'],
])('a window of events that cannot contain any is refused: %j', async (window, code) => {
  await expect(searchFolders({ dirs: [folder], window })).rejects.toMatchObject({ code })
})

test('an address or a range that cannot exist is refused, because it would match nothing', async () => {
  for (const conditions of [
    [{ field: 'ip', any: ['10.0.0.0/33'], none: [] } as const],
    [{ field: 'ip', any: [], none: ['10.0.0.256'] } as const],
  ]) {
    await expect(searchFolders({ dirs: [folder], conditions })).rejects.toMatchObject({ code: 'usage.invalid-value' })
  }
})
