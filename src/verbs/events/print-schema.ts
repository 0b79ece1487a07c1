import { wrongValue } from '../../config/text-value.ts'
import { type EventColumn, eventColumns, partitionColumns, typeNameOf } from '../../records/event-columns.ts'
import { isAccountId } from '../../trail/account-id.ts'
import { isRegion } from '../../trail/region.ts'
import type { schemaDialects } from './options.ts'

export type SchemaDialect = (typeof schemaDialects)[number]

export interface SchemaOptions {
  /** The dataset: a folder, or `s3://bucket/prefix`. Default: `./events`, for Athena an example of a bucket. */
  readonly location?: string | undefined
  /** The name of the table. Default: events. */
  readonly table?: string | undefined
  /** The log accounts and regions of the dataset. Athena finds no others. Without them, each query in Athena must name the ones that it wants. */
  readonly accounts?: readonly string[] | undefined
  readonly regions?: readonly string[] | undefined
  /** The first day of the dataset: `2026-11-30`. Athena reads no day before it. Default: the day when CloudTrail was launched. */
  readonly firstDate?: string | undefined
}

/** Returns the SQL that makes a dataset a table of an engine, with a line end. Throws `usage.invalid-value`. */
export function schemaText(dialect: SchemaDialect, options: SchemaOptions): string {
  checkValues(options)
  switch (dialect) {
    case 'athena':
      return athena(options)
    case 'duckdb':
      return duckdb(options)
    case 'spark':
      return spark(options)
  }
}

const defaultTable = 'events'
const defaultFolder = './events'
/** AWS reserves this name for examples. */
const exampleLocation = 's3://amzn-s3-demo-bucket/events'
const launchDate = '2013-11-13'

/** These values become parts of lists, in which quotes do not protect them. */
function checkValues({ accounts = [], regions = [], firstDate = launchDate }: SchemaOptions): void {
  for (const account of accounts) {
    if (!isAccountId(account)) throw wrongValue('a log account', account, 'an account id with 12 digits')
  }
  for (const region of regions) {
    if (!isRegion(region)) throw wrongValue('a region', region, 'a region such as us-east-1')
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(firstDate) || Number.isNaN(Date.parse(firstDate))) {
    throw wrongValue('the first date', firstDate, 'a day such as 2026-11-30')
  }
}

/** AWS: "Partition projection with Amazon Athena". Projected partitions need no crawler and no ALTER TABLE. */
function athena(options: SchemaOptions): string {
  const { location = exampleLocation, table = defaultTable, accounts = [], regions = [], firstDate } = options
  const folder = location.replace(/\/*$/, '')
  const template = partitionColumns.map((name) => `${name}=\${${name}}`).join('/')
  const properties: Readonly<Record<string, string>> = {
    'projection.enabled': 'true',
    ...projection('account', accounts),
    ...projection('region', regions),
    'projection.date.type': 'date',
    'projection.date.format': 'yyyy-MM-dd',
    'projection.date.range': `${firstDate ?? launchDate},NOW+1DAYS`,
    'projection.date.interval': '1',
    'projection.date.interval.unit': 'DAYS',
    'storage.location.template': `${folder}/${template}/`,
  }
  const lines = Object.entries(properties).map(([name, value]) => `  ${text(name)} = ${text(value)}`)
  return `${athenaComments(options)}CREATE EXTERNAL TABLE IF NOT EXISTS ${backticked(table)} (
${columnLines((column) => `${backticked(column.name)} ${typeNameOf(column, 'athena')}`)}
)
PARTITIONED BY (${partitionColumns.map((name) => `${backticked(name)} string`).join(', ')})
STORED AS PARQUET
LOCATION ${text(`${folder}/`)}
TBLPROPERTIES (
${lines.join(',\n')}
);
`
}

/** Athena refuses a query that names no value of an `injected` column, so it never leaves out data without an error. */
function projection(column: string, values: readonly string[]): Readonly<Record<string, string>> {
  const type = `projection.${column}.type`
  return values.length === 0
    ? { [type]: 'injected' }
    : { [type]: 'enum', [`projection.${column}.values`]: values.join(',') }
}

function athenaComments({ location, accounts = [], regions = [], firstDate }: SchemaOptions): string {
  const lines = [
    location === undefined && [
      `${exampleLocation} is an example. To write the location of your dataset, add --to s3://bucket/prefix.`,
    ],
    accounts.length === 0 && [
      "Each query must name its log accounts: WHERE account = '111122223333'.",
      'To list all accounts here instead, add --log-account for each.',
    ],
    regions.length === 0 && [
      "Each query must name its regions: WHERE region IN ('us-east-1', 'eu-west-1').",
      'To list all regions here instead, add --region for each.',
    ],
    firstDate === undefined && [
      'The range of dates begins when CloudTrail was launched. A query is faster if it names dates:',
      "WHERE date >= '2026-11-01'.",
    ],
    ['Events without a date, account or region are in folders that Athena does not read.'],
  ]
  return lines.flatMap((part) => (part === false ? [] : part.map((line) => `-- ${line}\n`))).join('')
}

function duckdb({ location = defaultFolder, table = defaultTable }: SchemaOptions): string {
  const files = `${location.replace(/\/*$/, '')}/${partitionColumns.map((name) => `${name}=*`).join('/')}/*.parquet`
  const types = partitionColumns.map((name) => `${quoted(name)}: VARCHAR`).join(', ')
  const partition = partitionColumns.map((name) => `  ${quoted(name)}`).join(',\n')
  return `CREATE OR REPLACE VIEW ${quoted(table)} AS SELECT
${columnLines((column) => `${quoted(column.name)}::${typeNameOf(column, 'duckdb')} AS ${quoted(column.name)}`)},
${partition}
FROM read_parquet(${text(files)}, hive_partitioning = true, hive_types = {${types}}, union_by_name = true);
`
}

function spark({ location = defaultFolder, table = defaultTable }: SchemaOptions): string {
  const partition = partitionColumns.map((name) => `  ${backticked(name)} STRING`).join(',\n')
  const isRelative = !/^(?:\/|[a-z][\w+.-]*:)/i.test(location)
  return `${isRelative ? relativeComment : ''}CREATE TABLE IF NOT EXISTS ${backticked(table)} (
${columnLines((column) => `${backticked(column.name)} ${typeNameOf(column, 'spark')}`)},
${partition}
)
USING PARQUET
PARTITIONED BY (${partitionColumns.map(backticked).join(', ')})
LOCATION ${text(`${location.replace(/\/*$/, '')}/`)};
MSCK REPAIR TABLE ${backticked(table)};
`
}

const relativeComment =
  '-- Spark looks for a relative location in its warehouse. To write an absolute one, add --to /path/of/the/dataset.\n'

function columnLines(line: (column: EventColumn) => string): string {
  return eventColumns.map((column) => `  ${line(column)}`).join(',\n')
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function backticked(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
