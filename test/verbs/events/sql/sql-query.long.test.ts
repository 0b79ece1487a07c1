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
import { query as duckQuery, parquetFilesBelow, rowsOfFile } from '../../../sinks/parquet/read-parquet.ts'

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

/** For SQL that may be accepted, as long as it does nothing. */
async function answerOrRefusal(sql: string): Promise<void> {
  const { options } = asked(sql)
  let query: SqlQuery | undefined
  try {
    query = await openRowQuery(options)
    await linesOf(query)
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage.sql' })
  } finally {
    query?.close()
  }
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

  test('has all declared columns', async () => {
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

  test('is empty if there are no rows', async () => {
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

  test('has NULL for columns that a file of an older version does not have', async () => {
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
    ['CALL of a setting', 'call enable_logging()'],
    ['PRAGMA that DuckDB rewrites to a SELECT', '/* x */ pragma table_info(events)'],
    ['PRAGMA without arguments', 'pragma version'],
    ['PRAGMA that imports', `pragma import_database('/etc')`],
    ['COPY FROM', `copy events from '/etc/passwd'`],
    ['COPY FROM DATABASE', 'copy from database memory to memory'],
    ['IMPORT', `import database '/etc'`],
    ['INSTALL from a repository', 'install httpfs from community'],
    ['FORCE INSTALL', 'force install httpfs'],
    ['UPDATE EXTENSIONS', 'update extensions'],
    ['LOAD of a file', `load '/tmp/crosstrail-x.duckdb_extension'`],
    ['DETACH', 'detach memory'],
    ['USE', 'use main'],
    ['SET VARIABLE', 'set variable x = 1'],
    ['SET of the access', 'set enable_external_access = true'],
    ['SET of the lock', 'set lock_configuration = false'],
    ['CREATE SECRET', 'create secret x (type s3)'],
    ['CREATE PERSISTENT SECRET', 'create persistent secret x (type s3)'],
    ['CREATE MACRO', 'create macro f(a) as a'],
    ['CREATE TABLE MACRO', `create temp macro f() as table (from read_text('/etc/passwd'))`],
    ['CREATE VIEW', 'create or replace view events as select 1'],
    ['ALTER', 'alter view events rename to x'],
    ['COMMENT', `comment on view events is 'x'`],
    ['MERGE', 'merge into events using events on true when matched then delete'],
    ['TRUNCATE', 'truncate events'],
    ['VACUUM', 'vacuum'],
    ['EXECUTE', 'execute x'],
    ['a statement that writes, in WITH', 'with x as (insert into events values (1) returning 1) from x'],
    ['a statement that writes, in a subquery', 'select * from (delete from events returning *)'],
    ['EXPLAIN in a subquery', 'select * from (explain select 1)'],
    ['PIVOT without IN in a subquery', 'from (pivot events on eventName using count(*))'],
    ['two statements with comments between', 'select 1; /* ; */ -- ;\n select 2'],
    ['a write after a SELECT', `select 1; copy (select 1) to '/tmp/crosstrail-x'`],
    ['a write after a comment', `-- select 1\ncopy (select 1) to '/tmp/crosstrail-x'`],
    ['an unclosed comment', 'select 1 /* x'],
    ['an unclosed text', `select 'x`],
    ['a NUL character', 'select 1\u0000; drop view events'],
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
    `from read_csv('/etc/passwd', sep = ':')`,
    `from read_csv('/dev/stdin')`,
    `from read_csv('file:///etc/passwd')`,
    `from sniff_csv('/etc/passwd')`,
    `from read_blob('/proc/self/environ')`,
    `from read_text('/proc/self/root/etc/passwd')`,
    `from read_json_auto('/etc/passwd')`,
    `from read_json_objects('/etc/passwd')`,
    `from read_ndjson('/etc/passwd')`,
    `from glob('/etc/*')`,
    `from glob('*')`,
    `from '/etc/passwd'`,
    `from "/etc/passwd"`,
    `from '/etc/*.parquet'`,
    `table '/etc/passwd'`,
    `describe '/etc/passwd'`,
    `summarize '/etc/passwd'`,
    `from read_parquet('/etc/passwd')`,
    `from parquet_metadata('/etc/passwd')`,
    `from parquet_schema('/etc/passwd')`,
    `from read_json('https://example.com/x.json')`,
    `from 'https://example.com/x.parquet'`,
    `from read_text('s3://bucket/key')`,
    `from read_duckdb('/tmp/crosstrail-x.db')`,
    `from sqlite_scan('/tmp/crosstrail-x.db', 'x')`,
    `from postgres_scan('', '', '')`,
    `from read_xlsx('/tmp/crosstrail-x.xlsx')`,
    `from arrow_scan(1, 2, 3)`,
    `from new_rows()`,
    `from duckdb_extensions()`,
    `select * from events, lateral (select * from read_text(file))`,
    `select * from events where eventName = (select content from read_text('/etc/passwd'))`,
    `with x as materialized (from read_text('/etc/passwd')) from x`,
    `select getenv('HOME')`,
    `from query_table('/etc/passwd')`,
    `from query('from read_text(''/etc/passwd'')')`,
    `from query('copy (select 1) to ''/tmp/crosstrail-x''')`,
    `from query('select 1; select 2')`,
    `from json_execute_serialized_sql(json_serialize_sql('from read_text(''/etc/passwd'')'))`,
    `from import_database('/etc')`,
    `from enable_profiling(save_location = '/tmp/crosstrail-x')`,
    `from enable_logging(storage = 'file', storage_config = {'path': '/tmp/crosstrail-x'}), read_text('/etc/passwd')`,
  ])('reading elsewhere: %s', async (sql) => {
    expect(await refusal(sql)).toMatchObject({ code: 'usage.sql' })
    expect(existsSync('/tmp/crosstrail-x')).toBe(false)
  })

  test('a log of DuckDB reaches no file', async () => {
    const folder = tempFolder()
    const sql = `select write_log('x', level := 'ERROR') from enable_logging(storage = 'file', storage_path = '${folder}'), range(20000)`
    await answerOrRefusal(sql)
    expect(readdirSync(folder)).toEqual([])
  })

  test('there are no secrets, and settings cannot be changed by what a SELECT calls', async () => {
    expect(await answer('from duckdb_secrets()')).toEqual([])
    expect(
      await answer(
        `select name, value from duckdb_settings() where name in ('enable_external_access', 'lock_configuration', 'autoload_known_extensions', 'autoinstall_known_extensions', 'allow_community_extensions') order by 1`,
      ),
    ).toEqual([
      '{"name":"allow_community_extensions","value":"false"}',
      '{"name":"autoinstall_known_extensions","value":"false"}',
      '{"name":"autoload_known_extensions","value":"false"}',
      '{"name":"enable_external_access","value":"false"}',
      '{"name":"lock_configuration","value":"true"}',
    ])
  })

  test.each([
    (folder: string) => `from read_text('${folder}/secret.txt')`,
    (folder: string) => `from read_csv('${folder}/secret.txt')`,
    (folder: string) => `from '${folder}/secret.parquet'`,
    (folder: string) => `from glob('${folder}/*')`,
    (_: string, file: string) => `from read_text('${file}/../../../../secret.txt')`,
    (folder: string, file: string) => `from read_text(['${file}', '${folder}/secret.txt'])`,
    (_: string, file: string) => `from read_text('${file}')`,
    (_: string, file: string) => `from read_csv('${file}')`,
  ])('a dataset is read only by its view and as Parquet: case %#', async (sqlOf) => {
    const folder = await datasetOf()
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    const [file = ''] = parquetFilesBelow(folder)
    await duckQuery(`COPY (SELECT 1) TO '${folder}/secret.parquet'`)
    const { options } = asked(sqlOf(folder, join(folder, file)))
    const code = await codeOfAsync(async () => {
      const query = await openDatasetQuery({ ...options, folder })
      try {
        await linesOf(query)
      } finally {
        query.close()
      }
    })
    expect(code).toBe('usage.sql')
  })

  test('a value that names a Parquet file is not mistaken for a damaged file', async () => {
    expect(await refusal(`select (eventName || '.parquet')::int from events`)).toMatchObject({ code: 'usage.sql' })
  })

  test('the error shows the position', async () => {
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
  test('100 GB', async () => {
    const sql = `select count(distinct repeat(range::varchar || 'x', 1000)) from range(100000000)`
    const error = await refusal(sql, { memoryBytes: 64e6, spillBytes: 32e6 })
    expect(error).toMatchObject({ code: 'usage.sql-too-large' })
  })

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

  test('the result is not read faster than it is used', async () => {
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
