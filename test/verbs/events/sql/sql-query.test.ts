import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../../../src/error.ts'
import { eventColumns, partitionColumns } from '../../../../src/records/event-columns.ts'
import { eventRow } from '../../../../src/records/event-row.ts'
import { openDataset } from '../../../../src/sinks/parquet/dataset.ts'
import {
  openDatasetQuery,
  openRowQuery,
  type SqlOptions,
  type SqlQuery,
} from '../../../../src/verbs/events/sql/sql-query.ts'
import { jsonLine } from '../../../../src/verbs/events/sql/sql-value.ts'
import { codeOfAsync } from '../../../disk/error-code.ts'
import { tempFolder } from '../../../disk/temp-folder.ts'
import { query as duckQuery, rowsOfFile } from '../../../sinks/parquet/read-parquet.ts'

const noonMs = Date.parse('2026-11-30T12:00:00Z')
const origin = { logAccount: '222222222222', region: 'us-east-1', kind: 'events', file: 'a.json.gz' }
const names = ['GetObject', 'PutObject', 'GetObject', 'DeleteBucket', 'GetObject']
const rows = names.map((eventName, at) => ({
  row: eventRow(
    Buffer.from(
      JSON.stringify({
        eventID: `e${at}`,
        eventTime: new Date(noonMs + at * 1000).toISOString().replace('.000', ''),
        eventName,
        requestParameters: { bucketName: `b${at}`, big: 12345678901234567890n.toString() },
      }),
    ),
    origin,
  ),
  timeMs: noonMs + at * 1000,
}))

interface Asked {
  readonly tempRoot: string
  readonly options: SqlOptions
}

function asked(sql: string, more: Partial<SqlOptions> = {}): Asked {
  const tempRoot = tempFolder()
  return { tempRoot, options: { sql, tempRoot, signal: new AbortController().signal, ...more } }
}

async function linesOf(query: SqlQuery): Promise<string[]> {
  const lines: string[] = []
  const names = query.columns.map(({ name }) => name)
  await query.run((row) => void lines.push(jsonLine(names, row)))
  return lines
}

/** The lines of a query over the rows, and over a dataset of them, which must be the same. */
async function answer(sql: string): Promise<string[]> {
  const { tempRoot, options } = asked(sql)
  const overRows = await openRowQuery(options)
  try {
    for (const { row, timeMs } of rows) await overRows.add(row, timeMs)
    const lines = await linesOf(overRows)
    const overDataset = await openDatasetQuery({ ...options, folder: await datasetOf() })
    try {
      expect(await linesOf(overDataset)).toEqual(lines)
    } finally {
      overDataset.close()
    }
    return lines
  } finally {
    overRows.close()
    expect(readdirSync(tempRoot)).toEqual([])
  }
}

async function datasetOf(): Promise<string> {
  const root = tempFolder()
  const dataset = await openDataset({ root })
  for (const { row, timeMs } of rows) await dataset.add(row, timeMs)
  await dataset.close()
  return root
}

async function refusal(sql: string, more: Partial<SqlOptions> = {}): Promise<CrosstrailError> {
  const { options } = asked(sql, more)
  let query: SqlQuery | undefined
  try {
    query = await openRowQuery(options)
    await query.add(rows[0]?.row ?? Buffer.alloc(0), noonMs)
    await linesOf(query)
  } catch (error) {
    if (error instanceof CrosstrailError) return error
    throw error
  } finally {
    query?.close()
    expect(readdirSync(options.tempRoot ?? '')).toEqual([])
  }
  throw new Error(`${sql} was not refused`)
}

describe('an answer', () => {
  test('is the same over rows and over a dataset', async () => {
    expect(await answer('select eventName, count(*) as n from events group by 1 order by 2 desc, 1')).toEqual([
      '{"eventName":"GetObject","n":3}',
      '{"eventName":"DeleteBucket","n":1}',
      '{"eventName":"PutObject","n":1}',
    ])
    expect(
      await answer(
        `select account, region, date, log_account, kind, file, eventTime from events where date = '2026-11-30' order by eventTime limit 1`,
      ),
    ).toEqual([
      '{"account":"222222222222","region":"us-east-1","date":"2026-11-30","log_account":"222222222222","kind":"events","file":"a.json.gz","eventTime":"2026-11-30T12:00:00Z"}',
    ])
    expect(
      await answer(
        `select requestParameters->>'$.bucketName' as bucket from events where eventName = 'DeleteBucket'; -- end`,
      ),
    ).toEqual(['{"bucket":"b3"}'])
  })

  test('has all columns that are declared', async () => {
    const { options } = asked('from events')
    const query = await openRowQuery(options)
    query.close()
    expect(query.columns.map(({ name }) => name)).toEqual([
      ...eventColumns.map(({ name }) => name),
      ...partitionColumns,
    ])
  })

  test('loses no digit', async () => {
    const [line] =
      await answer(`select 9007199254740991 as safe, 9007199254740993 as large, 1.50::decimal(4,2) as d, 12345678901234567.89::decimal(20,2) as e,
      'NaN'::double as nan, timestamp '2026-11-30 12:00:00.120' as t, timestamptz '2026-11-30 12:00:00.000001+02' as tz, date '2026-11-30' as day,
      interval 90 minute as i, [1, null] as l, {'a': {'b': 'x'}} as s, map {'k': 1} as m, 'a'::blob as b, null as n, true as y,
      '{"n": 12345678901234567890}'::json as j, uuid '00000000-0000-0000-0000-000000000001' as u, sum(1::hugeint * 170141183460469231731687303715884105) as h`)
    expect(line).toBe(
      '{"safe":9007199254740991,"large":"9007199254740993","d":1.5,"e":"12345678901234567.89","nan":"NaN","t":"2026-11-30T12:00:00.12Z","tz":"2026-11-30T10:00:00.000001Z",' +
        '"day":"2026-11-30","i":"01:30:00","l":[1,null],"s":{"a":{"b":"x"}},"m":[{"key":"k","value":1}],"b":"YQ==","n":null,"y":true,' +
        '"j":{"n": 12345678901234567890},"u":"00000000-0000-0000-0000-000000000001","h":"170141183460469231731687303715884105"}',
    )
  })

  test('gives columns of one name different names', async () => {
    expect(await answer('select 1 as a, 2 as a, 3 as a_1')).toEqual(['{"a":1,"a_1":2,"a_1_1":3}'])
  })

  test('of no rows is empty, and an empty input has all columns', async () => {
    const { options } = asked('select * from events')
    const query = await openRowQuery(options)
    expect(await linesOf(query)).toEqual([])
    query.close()
  })

  test.each([
    'select eventName, count(*) as n from events group by 1 order by 2 desc, 1; -- end',
    'with x as (from events) select eventName, count(*) as n from x group by 1 order by 2 desc, 1',
  ])('can be written to one private Parquet file: %s', async (sql) => {
    const { options, tempRoot } = asked(sql)
    const query = await openDatasetQuery({ ...options, folder: await datasetOf() })
    const { file, rows } = await query.writeParquet()
    expect(rows).toBe(3)
    expect(await rowsOfFile(file)).toEqual([
      { eventName: 'GetObject', n: 3n },
      { eventName: 'DeleteBucket', n: 1n },
      { eventName: 'PutObject', n: 1n },
    ])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(dirname(dirname(file))).toBe(tempRoot)
    query.close()
    expect(readdirSync(tempRoot)).toEqual([])
  })

  test.each(['describe events', 'summarize events', 'show tables', 'values (1)', 'select 1 as a, 2 as a'])(
    'of rows can be written too: %s',
    async (sql) => {
      const { options } = asked(sql)
      const query = await openRowQuery(options)
      for (const { row, timeMs } of rows) await query.add(row, timeMs)
      const { file, rows: count } = await query.writeParquet()
      expect(await rowsOfFile(file)).toHaveLength(count)
      expect(count).toBeGreaterThan(0)
      query.close()
    },
  )

  test('over a dataset that an older version wrote has NULL for columns that came later', async () => {
    const root = await datasetOf()
    const partition = join(root, 'account=222222222222/region=us-east-1/date=2026-11-30')
    const [name = ''] = readdirSync(partition)
    await duckQuery(
      `COPY (SELECT eventTime, eventID, eventName FROM '${join(partition, name)}') TO '${join(partition, 'a.parquet')}'`,
    )
    const { options } = asked('select count(*) as n, count(userAgent) as u, count(file) as f from events')
    const query = await openDatasetQuery({ ...options, folder: root })
    expect(await linesOf(query)).toEqual(['{"n":10,"u":0,"f":5}'])
    query.close()
  })
})

describe('SQL that is refused', () => {
  test.each([
    ['nothing', ''],
    ['a comment', '-- select 1'],
    ['two statements', 'select 1; select 2'],
    ['COPY', `copy (select 1) to '/tmp/crosstrail-x'`],
    ['ATTACH', `attach '/tmp/crosstrail-x.db'`],
    ['INSTALL', 'install httpfs'],
    ['LOAD', 'load httpfs'],
    ['PRAGMA', 'pragma enable_profiling'],
    ['SET', 'set threads = 1'],
    ['RESET', 'reset enable_external_access'],
    ['CREATE', 'create table x (a int)'],
    ['CREATE AS', 'create table x as select 1'],
    ['INSERT', 'insert into events values (1)'],
    ['UPDATE', 'update events set a = 1'],
    ['DELETE', 'delete from events'],
    ['DROP', 'drop view events'],
    ['EXPORT', `export database '/tmp/crosstrail-x'`],
    ['PREPARE', 'prepare x as select 1'],
    ['EXPLAIN', 'explain select 1'],
    ['CALL', 'call pragma_version()'],
    ['PIVOT without IN', 'pivot events on eventName using count(*)'],
    ['BEGIN', 'begin'],
    ['CHECKPOINT', 'checkpoint'],
    ['parameters', 'select $1'],
    ['malformed text', 'selec 1'],
    ['an unknown column', 'select nothing from events'],
    ['an unknown table', 'select * from nothing'],
    ['a wrong type', `select * from events where eventTime > 'noon'`],
    ['a value that cannot be cast', 'select eventName::int from events'],
  ])('%s', async (_, sql) => {
    expect(await refusal(sql)).toMatchObject({ code: 'usage.sql' })
    expect(existsSync('/tmp/crosstrail-x')).toBe(false)
  })

  test.each([
    `select * from read_text('/etc/passwd')`,
    `select * from read_csv('/etc/passwd')`,
    `from read_blob('/proc/self/environ')`,
    `from glob('/etc/*')`,
    `from '/etc/passwd'`,
    `from read_parquet('/etc/passwd')`,
    `from read_json('https://example.com/x.json')`,
    `from read_text('s3://bucket/key')`,
    `select * from events, lateral (select * from read_text(file))`,
    `select getenv('HOME')`,
    `from sniff_csv('/etc/passwd')`,
    `from query('copy (select 1) to ''/tmp/crosstrail-x''')`,
    `from enable_logging(storage = 'file', storage_config = {'path': '/tmp/crosstrail-x'}), read_text('/etc/passwd')`,
  ])('reading elsewhere: %s', async (sql) => {
    expect(await refusal(sql)).toMatchObject({ code: 'usage.sql' })
    expect(existsSync('/tmp/crosstrail-x')).toBe(false)
  })

  test('other files of the dataset are out of reach', async () => {
    const folder = await datasetOf()
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    const { options } = asked(`from read_text('${join(folder, 'secret.txt')}')`)
    expect(await codeOfAsync(() => openDatasetQuery({ ...options, folder }))).toBe('usage.sql')
  })

  test('says where it is wrong', async () => {
    const { message, hint } = await refusal('select eventNam\nfrom events')
    expect(message).toMatch(
      /^the SQL cannot be run: Binder Error: Referenced column "eventNam" not found in FROM clause!\nCandidate bindings: "eventName".*\nLINE 1: select eventNam\n {15}\^$/,
    )
    expect(hint).toContain('--print-schema')
  })

  test('a folder without Parquet files', async () => {
    const { options } = asked('select 1')
    expect(await codeOfAsync(() => openDatasetQuery({ ...options, folder: tempFolder() }))).toBe('object.not-a-dataset')
    expect(await codeOfAsync(() => openDatasetQuery({ ...options, folder: '/nowhere' }))).toBe('object.not-a-dataset')
  })
})

describe('a query that needs too much', () => {
  test('memory', async () => {
    const error = await refusal('select list(a.range) from range(100000000) a', { memoryBytes: 64e6 })
    expect(error).toMatchObject({ code: 'usage.sql-too-large' })
  })

  test('disk space', async () => {
    const sql = `select md5(range::varchar) || repeat('x', 400) || md5(range::varchar) as x from range(400000) order by 1 offset 399999`
    const error = await refusal(sql, { memoryBytes: 64e6, spillBytes: 8e6 })
    expect(error).toMatchObject({ code: 'usage.sql-too-large' })
  })

  test('spills to its folder, which is gone afterwards', async () => {
    const { options, tempRoot } = asked(
      'select md5(range::varchar) as x from range(1000000) order by 1 offset 999999',
      {
        memoryBytes: 48e6,
      },
    )
    const query = await openRowQuery(options)
    expect(await linesOf(query)).toHaveLength(1)
    query.close()
    expect(readdirSync(tempRoot)).toEqual([])
  })

  test.each([0, 300])('time, and is interrupted after %i ms', async (afterMs) => {
    const controller = new AbortController()
    const { options } = asked(
      'select count(*) from range(1000000) a, range(1000000) b, range(100) c where a.range + b.range + c.range < 0',
      {
        signal: controller.signal,
      },
    )
    const query = await openRowQuery(options)
    setTimeout(() => controller.abort(new Error('enough')), afterMs)
    expect(await codeOfAsync(() => linesOf(query))).toBe('interrupted')
    query.close()
  })

  test('rows that nobody reads wait', async () => {
    const controller = new AbortController()
    const { options } = asked('select * from range(100000000000)', { signal: controller.signal })
    const query = await openRowQuery(options)
    let count = 0
    const running = query.run(() => {
      count++
      if (count === 5000) controller.abort(new Error('enough'))
      return undefined
    })
    expect(await codeOfAsync(() => running)).toBe('interrupted')
    expect(count).toBe(5000)
    query.close()
  })
})
