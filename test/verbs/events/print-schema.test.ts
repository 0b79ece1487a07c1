import { expect, test } from 'vitest'
import { eventColumns, partitionColumns } from '../../../src/records/event-columns.ts'
import { eventRow } from '../../../src/records/event-row.ts'
import { openDataset } from '../../../src/sinks/parquet/dataset.ts'
import { type SchemaDialect, schemaText } from '../../../src/verbs/events/print-schema.ts'
import { codeOf } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { query } from '../../sinks/parquet/read-parquet.ts'

const options = {
  location: 's3://example-archive/events/',
  accounts: ['222222222222', '333333333333'],
  regions: ['eu-west-1', 'us-east-1'],
  firstDate: '2026-01-01',
}

test.each(['athena', 'duckdb', 'spark'] as const)('%s: the text, with every column', (dialect: SchemaDialect) => {
  const text = schemaText(dialect, options)
  expect(text).toMatchSnapshot()
  for (const name of [...eventColumns.map(({ name }) => name), ...partitionColumns]) {
    expect(text).toMatch(new RegExp(`^  [\`"]${name}[\`"]|PARTITIONED BY .*\`${name}\``, 'm'))
  }
})

test('the text for DuckDB makes a view of a dataset with the declared columns', async () => {
  const root = tempFolder()
  const dataset = await openDataset({ root })
  const record = Buffer.from('{"eventID":"a","eventTime":"2026-11-30T12:00:00Z","readOnly":true}')
  const log = { logAccount: '022222222222', region: 'us-east-1', kind: 'events', file: "it's" }
  await dataset.add(eventRow(record, log), Date.parse('2026-11-30T12:00:00Z'))
  await dataset.close()
  const text = schemaText('duckdb', { ...options, location: root })
  const rows = await query(`${text} DESCRIBE events`)
  const types = { text: 'VARCHAR', json: 'VARCHAR', boolean: 'BOOLEAN', time: 'TIMESTAMP' }
  expect(rows.map((row) => [row['column_name'], row['column_type']])).toEqual([
    ...eventColumns.map(({ name, type }) => [name, types[type]]),
    ...partitionColumns.map((name) => [name, 'VARCHAR']),
  ])
  expect(await query(`${text} SELECT account, date, file, "readOnly" FROM events`)).toEqual([
    { account: '022222222222', date: '2026-11-30', file: "it's", readOnly: true },
  ])
})

test('without accounts and regions, each query in Athena must name them', () => {
  const text = schemaText('athena', {})
  expect(text.slice(0, text.indexOf('CREATE'))).toMatchSnapshot()
  expect(text.slice(text.indexOf('LOCATION'))).toMatchSnapshot()
  const whole = schemaText('athena', options)
  expect(whole.match(/^-- .*$/gm)).toEqual([
    '-- Events without a date, account or region are in folders that Athena does not read.',
  ])
})

test.each(['duckdb', 'spark'] as const)('%s reads the folder ./events by default', (dialect) => {
  expect(schemaText(dialect, {})).toContain("'./events/")
})

test.each([
  ['./events', true],
  ['/data/events', false],
  ['s3://example-archive/events', false],
  ['file:/data/events', false],
])('the text for Spark warns if %s is relative: %s', (location, warns) => {
  expect(schemaText('spark', { location }).startsWith('-- Spark looks for')).toBe(warns)
})

test('DuckDB accepts the text with its comments', async () => {
  const root = tempFolder()
  const dataset = await openDataset({ root })
  const log = { logAccount: '022222222222', region: 'us-east-1', kind: 'events', file: 'a' }
  await dataset.add(eventRow(Buffer.from('{"eventID":"a"}'), log), 0)
  await dataset.close()
  expect(await query(`${schemaText('duckdb', { location: root })} SELECT count(*) AS n FROM events`)).toEqual([
    { n: 1n },
  ])
})

test.each([
  [{ accounts: ["1','x"] }],
  [{ accounts: ['1'] }],
  [{ regions: ['us-east-1,eu-west-1'] }],
  [{ regions: ["'"] }],
  [{ firstDate: '2026-1-1' }],
  [{ firstDate: '2026-13-01' }],
  [{ firstDate: 'NOW-1DAYS' }],
])('a wrong value is refused: %j', (wrong) => {
  expect(codeOf(() => schemaText('athena', wrong))).toBe('usage.invalid-value')
})

test('names and locations are quoted', () => {
  const text = schemaText('athena', { ...options, table: 'a`b', location: "s3://x/it's" })
  expect(text).toContain('`a``b`')
  expect(text).toContain("'s3://x/it''s/'")
})
