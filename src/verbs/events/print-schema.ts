import { type EventColumn, eventColumns, partitionColumns, typeNameOf } from '../../records/event-columns.ts'
import type { schemaDialects } from './options.ts'

export type SchemaDialect = (typeof schemaDialects)[number]

export interface SchemaOptions {
  /** Where the dataset lies: a folder, or `s3://bucket/prefix`. Athena needs a bucket. */
  readonly location?: string | undefined
  /** The name of the table. Default: events. */
  readonly table?: string | undefined
  /** The log accounts and regions of the dataset, for Athena's partition projection. A query that names others finds nothing. */
  readonly accounts: readonly string[]
  readonly regions: readonly string[]
  /** The first day of the dataset: `2026-11-30`. Athena looks at no day before it. */
  readonly firstDate?: string | undefined
}

/** The SQL that makes the table of a dataset known to an engine, with a line end. */
export function schemaText(dialect: SchemaDialect, options: SchemaOptions): string {
  switch (dialect) {
    case 'athena':
      return athena(options)
    case 'duckdb':
      return duckdb(options)
    case 'spark':
      return spark(options)
  }
}

const usualTable = 'events'

/** AWS: "Partition projection with Amazon Athena". Projected partitions need no crawler and no ALTER TABLE. */
function athena({
  location = 's3://amzn-s3-demo-bucket/events',
  table = usualTable,
  accounts,
  regions,
  firstDate = '2013-11-13',
}: SchemaOptions): string {
  const folder = location.replace(/\/*$/, '')
  const template = partitionColumns.map((name) => `${name}=\${${name}}`).join('/')
  const properties: Readonly<Record<string, string>> = {
    'projection.enabled': 'true',
    'projection.account.type': 'enum',
    'projection.account.values': accounts.join(','),
    'projection.region.type': 'enum',
    'projection.region.values': regions.join(','),
    'projection.date.type': 'date',
    'projection.date.format': 'yyyy-MM-dd',
    'projection.date.range': `${firstDate},NOW+1DAYS`,
    'projection.date.interval': '1',
    'projection.date.interval.unit': 'DAYS',
    'storage.location.template': `${folder}/${template}/`,
  }
  const lines = Object.entries(properties).map(([name, value]) => `  ${text(name)} = ${text(value)}`)
  return `CREATE EXTERNAL TABLE IF NOT EXISTS ${backticked(table)} (
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

function duckdb({ location = './events', table = usualTable }: SchemaOptions): string {
  const files = `${location.replace(/\/*$/, '')}/${partitionColumns.map((name) => `${name}=*`).join('/')}/*.parquet`
  const types = partitionColumns.map((name) => `${quoted(name)}: VARCHAR`).join(', ')
  const partition = partitionColumns.map((name) => `  ${quoted(name)}`).join(',\n')
  return `CREATE OR REPLACE VIEW ${quoted(table)} AS SELECT
${columnLines((column) => `${quoted(column.name)}::${typeNameOf(column, 'duckdb')} AS ${quoted(column.name)}`)},
${partition}
FROM read_parquet(${text(files)}, hive_partitioning = true, hive_types = {${types}}, union_by_name = true);
`
}

function spark({ location = './events', table = usualTable }: SchemaOptions): string {
  const partition = partitionColumns.map((name) => `  ${backticked(name)} STRING`).join(',\n')
  return `CREATE TABLE IF NOT EXISTS ${backticked(table)} (
${columnLines((column) => `${backticked(column.name)} ${typeNameOf(column, 'spark')}`)},
${partition}
)
USING PARQUET
PARTITIONED BY (${partitionColumns.map(backticked).join(', ')})
LOCATION ${text(`${location.replace(/\/*$/, '')}/`)};
MSCK REPAIR TABLE ${backticked(table)};
`
}

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
