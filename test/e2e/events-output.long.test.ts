import { mkdirSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { eventFolder, eventRecord, hostileRecords, hostileTexts, logName } from './support/event-folder.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { treeOf } from './support/tree.ts'

let world: LabWorld
let folder: string

const names = ['GetObject', 'PutObject', 'DeleteBucket', 'GetObject', 'GetObject', 'PutObject']
/** The bytes of each record, as no serializer writes them. */
const lines = names.map((eventName, at) => {
  const text = JSON.stringify(
    eventRecord(names.length - at, { eventName, errorCode: at === 2 ? 'AccessDenied' : undefined }),
  )
  return text.replace('{"eventVersion":"1.11"', `{ "eventVersion" : "1.1\\u0031", "extra": [1.50, "\\/ é"]`)
})

beforeAll(async () => {
  world = await labWorld()
  folder = eventFolder(world.newPath(), {
    [logName(1)]: `{"Records":[${lines.slice(0, 3).join(' ,\t')}]}`,
    [logName(2)]: `{ "Records" : [ ${lines.slice(3).join(', ')} ] }`,
  })
})
afterAll(() => world.stop())

const search = (...args: readonly string[]) => world.run(['events', '--dir', folder, ...args])
const idsOf = (text: string) => jsonLines(text).map(({ eventID }) => eventID)

describe('results of events', () => {
  test("in a pipe are each record's own bytes, and the counts are on stderr", async () => {
    const { exitCode, stdout, stderr } = await search()
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').slice(0, -1).sort()).toEqual([...lines].sort())
    expect(stderr).toBe('read 6 records in 2 logs: 6 matched, 0 of them duplicates; 6 shown\n')
  })

  test('--quiet shows no counts', async () => {
    expect(await search('--quiet')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('without a match are empty, and that is not a failure', async () => {
    for (const output of ['auto', 'json', 'table']) {
      expect(await search('--event-name', 'Nothing', '--output', output)).toMatchObject({ exitCode: 0, stdout: '' })
    }
    const { stdout } = await search('--event-name', 'Nothing', '--output', 'csv', '--fields', 'a,b')
    expect(stdout).toBe('a,b\n')
  })

  test('as a table in a pipe have all columns, and nothing is cut', async () => {
    const { exitCode, stdout } = await search('--output', 'table', '--event-name', 'DeleteBucket')
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').map((line) => line.split(/ +/))).toEqual([
      ['TIME', 'ACCOUNT', 'REGION', 'USER', 'EVENT', 'SOURCE', 'ADDRESS', 'ERROR', 'RESOURCE'],
      [
        '2026-11-05T00:00:04Z',
        '444444444444',
        'eu-west-1',
        'alice',
        'DeleteBucket',
        's3',
        '198.51.100.24',
        'AccessDenied',
        'payments',
      ],
      [''],
    ])
  })

  test('with --fields have these fields, in all formats', async () => {
    const fields = [
      '--event-name',
      'DeleteBucket',
      '--fields',
      'eventName,requestParameters.bucketName,extra.1,missing,log_account',
    ]
    expect((await search(...fields)).stdout).toBe(
      '{"eventName":"DeleteBucket","requestParameters.bucketName":"payments","extra.1":"/ é","missing":null,"log_account":"444444444444"}\n',
    )
    expect((await search(...fields, '--output', 'csv')).stdout).toBe(
      'eventName,requestParameters.bucketName,extra.1,missing,log_account\nDeleteBucket,payments,/ é,,444444444444\n',
    )
    expect((await search(...fields, '--output', 'table')).stdout.split('\n')[1]?.split(/ {2,}/)).toEqual([
      'DeleteBucket',
      'payments',
      '/ é',
      '-',
      '444444444444',
    ])
  })

  test.each([1, 4, 100])('with --limit %i are at most so many, and the counts say so', async (limit) => {
    const { exitCode, stdout, stderr } = await search('--limit', String(limit))
    expect(exitCode).toBe(0)
    expect(jsonLines(stdout)).toHaveLength(Math.min(limit, 6))
    expect(stderr).toContain(`${Math.min(limit, 6)} shown`)
    expect(stderr.includes('stopped at --limit: there may be more')).toBe(limit < 6)
  })

  test('with --sort time are in the order of times, also with --limit', async () => {
    const sorted = [...lines].reverse()
    expect((await search('--sort', 'time')).stdout.split('\n').slice(0, -1)).toEqual(sorted)
    const { stdout, stderr } = await search('--sort', 'time', '--limit', '2')
    expect(stdout.split('\n').slice(0, -1)).toEqual(sorted.slice(0, 2))
    expect(stderr).toContain('6 matched, 0 of them duplicates; 2 shown')
  })

  test('with --count-by are counts, the most frequent values first', async () => {
    const by = ['--count-by', 'eventName,errorCode']
    expect((await search(...by)).stdout).toBe(
      '{"count":3,"eventName":"GetObject","errorCode":null}\n{"count":2,"eventName":"PutObject","errorCode":null}\n{"count":1,"eventName":"DeleteBucket","errorCode":"AccessDenied"}\n',
    )
    expect((await search(...by, '--output', 'csv', '--limit', '1')).stdout).toBe(
      'count,eventName,errorCode\n3,GetObject,\n',
    )
    const { stdout, stderr } = await search(...by, '--output', 'table')
    expect(stdout.split('\n')).toEqual([
      'COUNT                            eventName     errorCode',
      `    3  ${'█'.repeat(24)}  GetObject     -`,
      `    2  ${'█'.repeat(16)}          PutObject     -`,
      `    1  ${'█'.repeat(8)}                  DeleteBucket  AccessDenied`,
      '',
    ])
    expect(stderr).toContain('6 counted')
  })
})

describe('the counts', () => {
  test('add up with duplicates and a limit, and are JSON with --output json', async () => {
    const twice = eventFolder(world.newPath(), {
      'a.json': [1, 2, 3, 1].map((at) => eventRecord(at)),
      'b.json': [3, 4, 5].map((at) => eventRecord(at)),
    })
    const { exitCode, stdout, stderr } = await world.run([
      'events',
      '--dir',
      twice,
      '--output',
      'json',
      '--sort',
      'time',
      '--limit',
      '4',
    ])
    expect(exitCode).toBe(0)
    expect(idsOf(stdout)).toHaveLength(4)
    expect(jsonLines(stderr)).toEqual([
      {
        counts: { logs: 2, records: 7, matched: 7, duplicates: 2, unreadable: 0, handedOut: 4, failedLogs: 0 },
        delivered: {},
        limited: true,
        comparedAll: true,
      },
    ])
    const all = await world.run(['events', '--dir', twice, '--duplicates'])
    expect(jsonLines(all.stdout)).toHaveLength(7)
    expect(all.stderr).toContain('7 matched, 0 of them duplicates; 7 shown')
  })

  test('say which times of delivery were read, wider by --late', async () => {
    const window = ['--from', '2026-11-05T00:00', '--until', '2026-11-05T00:01']
    expect((await search(...window)).stderr).toContain('delivered from 2026-11-05T00:00:00Z until 2026-11-05T02:01:00Z')
    const { stdout, stderr } = await search(...window, '--late', '30s')
    expect(stderr).toContain('read 3 records in 1 log delivered from 2026-11-05T00:00:00Z until 2026-11-05T00:01:30Z')
    expect(jsonLines(stdout)).toHaveLength(3)
    const [counts] = jsonLines((await search(...window, '--late', '1d', '--output', 'json')).stderr)
    expect(counts).toMatchObject({ delivered: { from: '2026-11-05T00:00:00Z', until: '2026-11-06T00:01:00Z' } })
  })
})

describe('what cannot be read', () => {
  test.each([[[]], [['--sort', 'time']], [['--count-by', 'eventName']], [['--output', 'csv']]])(
    'an unreadable record is counted and names its log, and the exit code is 1: %j',
    async (args) => {
      const bad = eventFolder(world.newPath(), {
        'good.json': [eventRecord(1)],
        'bad.json': `{"Records":[${JSON.stringify(eventRecord(2))},{"eventName":nonsense},${JSON.stringify(eventRecord(3))}]}`,
      })
      const { exitCode, stdout, stderr } = await world.run(['events', '--dir', bad, ...args])
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/warning: .*record 2 of \S*bad\.json cannot be read: /)
      expect(stderr).toContain('1 record could not be read')
      expect(stderr).toContain('read 4 records in 2 logs: 3 matched')
      expect(stdout).not.toBe('')
    },
  )

  test.each([
    ['is not JSON', 'no log'],
    ['has no records', '{"Rows":[]}'],
  ])('a file that %s is named, and the exit code is 1', async (_what, text) => {
    const bad = eventFolder(world.newPath(), { 'good.json': [eventRecord(1)], 'bad.json': text })
    const { exitCode, stdout, stderr } = await world.run(['events', '--dir', bad])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/failed: \S+ \S*bad\.json: /)
    expect(stderr).toContain('1 log could not be read')
    expect(jsonLines(stdout)).toHaveLength(1)
  })

  test('a missing folder is a usage error, and nothing is read', async () => {
    const { exitCode, stdout, stderr } = await world.run(['events', '--dir', folder, '--dir', './missing'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('cannot read ./missing: it does not exist')
  })

  test.each(['10.0.0.0/33', '!10.0.0/8', '2001:db8::/129'])(
    '--ip %s is a usage error, and nothing is read',
    async (ip) => {
      const { exitCode, stdout, stderr } = await search('--ip', ip)
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr).toContain(`--ip is ${JSON.stringify(ip)}`)
    },
  )
})

test('--contains excludes with !, and \\! is a plain !', async () => {
  const marked = eventFolder(world.newPath(), {
    'a.json': [
      eventRecord(1, { userAgent: 'wow!x' }),
      eventRecord(2, { userAgent: 'x' }),
      eventRecord(3, { userAgent: 'y' }),
    ],
  })
  const found = async (text: string) => {
    const { stdout } = await world.run(['events', '--dir', marked, '--contains', text, '--fields', 'userAgent'])
    return jsonLines(stdout).map(({ userAgent }) => userAgent)
  }
  expect(await found('x')).toEqual(['wow!x', 'x'])
  expect(await found('!wow')).toEqual(['x', 'y'])
  expect(await found('\\!x')).toEqual(['wow!x'])
})

describe('hostile values', () => {
  let hostile: string
  beforeAll(() => {
    hostile = eventFolder(world.newPath(), { 'log.json': hostileRecords })
  })

  test('are one row each, without control characters, in a table and in CSV', async () => {
    for (const args of [
      ['--output', 'table'],
      ['--output', 'csv'],
      ['--output', 'csv', '--fields', 'eventName,userAgent'],
      ['--output', 'table', '--count-by', 'eventName'],
      ['--output', 'csv', '--count-by', 'eventName'],
    ]) {
      const { exitCode, stdout } = await world.run(['events', '--dir', hostile, ...args])
      expect(exitCode).toBe(0)
      expect(stdout.split('\n')).toHaveLength(hostileTexts.length + 2)
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]|\p{Surrogate}/u)
    }
  })

  test('are no formulas in CSV', async () => {
    const { stdout } = await world.run([
      'events',
      '--dir',
      hostile,
      '--output',
      'csv',
      '--fields',
      'eventName,userAgent',
    ])
    const cells = [...stdout.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\n]*))/gm)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    )
    expect(cells.length).toBeGreaterThan(2 * hostileTexts.length)
    expect(cells.filter((cell) => /^\s*[=+\-@]/.test(cell))).toEqual([])
    expect(cells).toContain("'=cmd|'/C calc'!A0")
  })

  test('stay as they were logged in a pipe', async () => {
    const { stdout } = await world.run(['events', '--dir', hostile])
    expect(jsonLines(stdout).map(({ eventName }) => eventName)).toEqual(hostileTexts)
  })
})

describe('a sorted search that does not fit into memory', () => {
  test('writes to a private folder, gives the same order, and leaves nothing', async () => {
    const temp = world.newPath()
    mkdirSync(temp)
    const padding = 'x'.repeat(100_000)
    const count = 1200
    const places = [...Array(count).keys()].map((at) => (at * 7919) % count)
    const large = eventFolder(
      world.newPath(),
      Object.fromEntries(
        [...Array(12).keys()].map((log) => [
          `log-${String(log).padStart(2, '0')}.json.gz`,
          places.slice(log * 100, log * 100 + 100).map((at) => eventRecord(at, { userAgent: padding })),
        ]),
      ),
    )
    const { exitCode, stdout } = await world.run(['events', '--dir', large, '--sort', 'time'], {
      env: { TMPDIR: temp },
    })
    expect(exitCode).toBe(0)
    const times = jsonLines(stdout).map(({ eventTime }) => String(eventTime))
    expect(times).toHaveLength(count)
    expect(times).toEqual(times.toSorted())
    expect(readdirSync(temp)).toEqual([])
  })
})

test('a folder is only read: nothing in it or beside it is written', async () => {
  const home = world.env['HOME'] ?? ''
  const before = treeOf(home)
  await search('--output', 'table')
  await search('--sort', 'time')
  expect(treeOf(home)).toEqual(before)
})
