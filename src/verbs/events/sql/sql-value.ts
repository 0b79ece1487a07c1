import type { DuckModule } from '../../../sinks/parquet/duckdb.ts'
import { JsonText, type SqlValue } from './sql-result.ts'

type DuckType = ReturnType<InstanceType<DuckModule['DuckDBPreparedStatement']>['columnType']>

/**
 * A value of DuckDB as JSON has it. No digit is lost: a number that a double does not hold exactly is a string.
 *
 * | DuckDB                          | JSON                                                                  |
 * | ------------------------------- | --------------------------------------------------------------------- |
 * | integers                        | number; string beyond ±(2^53 - 1)                                     |
 * | DECIMAL                         | number; string with more than 15 digits                               |
 * | FLOAT, DOUBLE                   | number; "NaN", "Infinity", "-Infinity"                                |
 * | TIMESTAMP…                      | ISO 8601 in UTC: "2026-11-30T12:00:00Z", with a fraction if it has one |
 * | DATE, TIME, INTERVAL, UUID, BIT | string, as DuckDB writes it                                           |
 * | BLOB                            | string in base64                                                      |
 * | LIST, ARRAY; STRUCT             | array; object                                                         |
 * | MAP                             | array of objects with `key` and `value`                               |
 * | JSON                            | the JSON itself                                                       |
 */
export function sqlValueOf(duckdb: DuckModule, value: unknown, type: DuckType | undefined): SqlValue {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return type?.alias === 'JSON' ? new JsonText(value) : value
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)
    default:
      return instantOf(duckdb, value) ?? nestedOf(duckdb, value, type) ?? plainOf(duckdb, value)
  }
}

function instantOf(duckdb: DuckModule, value: unknown): string | undefined {
  if (value instanceof duckdb.DuckDBTimestampValue || value instanceof duckdb.DuckDBTimestampTZValue) {
    return value.isFinite ? isoOf(value.micros, 6) : undefined
  }
  if (value instanceof duckdb.DuckDBTimestampSecondsValue) return value.isFinite ? isoOf(value.seconds, 0) : undefined
  if (value instanceof duckdb.DuckDBTimestampMillisecondsValue)
    return value.isFinite ? isoOf(value.millis, 3) : undefined
  if (value instanceof duckdb.DuckDBTimestampNanosecondsValue) return value.isFinite ? isoOf(value.nanos, 9) : undefined
  return undefined
}

/** `count` in units of 10^-digits seconds. Undefined beyond what a Date can say. */
function isoOf(count: bigint, digits: number): string | undefined {
  const perSecond = 10n ** BigInt(digits)
  const fraction = ((count % perSecond) + perSecond) % perSecond
  const date = new Date(Number((count - fraction) / perSecond) * 1000)
  if (Number.isNaN(date.getTime())) return undefined
  const fine = fraction === 0n ? '' : `.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`
  return `${date.toISOString().slice(0, -'.000Z'.length)}${fine}Z`
}

function nestedOf(duckdb: DuckModule, value: unknown, type: DuckType | undefined): SqlValue | undefined {
  if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue) {
    const itemType =
      type instanceof duckdb.DuckDBListType || type instanceof duckdb.DuckDBArrayType ? type.valueType : undefined
    return value.items.map((item) => sqlValueOf(duckdb, item, itemType))
  }
  if (value instanceof duckdb.DuckDBStructValue) {
    const types = type instanceof duckdb.DuckDBStructType ? type.entryTypes : []
    const fields = Object.entries(value.entries)
    return Object.fromEntries(fields.map(([name, item], at) => [name, sqlValueOf(duckdb, item, types[at])]))
  }
  if (value instanceof duckdb.DuckDBMapValue) {
    const { keyType, valueType } = type instanceof duckdb.DuckDBMapType ? type : {}
    return value.entries.map((entry) => ({
      key: sqlValueOf(duckdb, entry.key, keyType),
      value: sqlValueOf(duckdb, entry.value, valueType),
    }))
  }
  if (value instanceof duckdb.DuckDBUnionValue) return sqlValueOf(duckdb, value.value, undefined)
  if (value instanceof duckdb.DuckDBVariantValue) return sqlValueOf(duckdb, value.value, value.type)
  return undefined
}

function plainOf(duckdb: DuckModule, value: unknown): SqlValue {
  if (value instanceof duckdb.DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  if (value instanceof duckdb.DuckDBDecimalValue) {
    const digits = String(value.value).replace('-', '')
    return digits.length <= 15 ? Number(value.toString()) : value.toString()
  }
  return String(value)
}

/** The value as JSON text. */
export function jsonOf(value: SqlValue): string {
  if (value instanceof JsonText) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value as Readonly<Record<string, SqlValue>>)
      .map(([name, item]) => `${JSON.stringify(name)}:${jsonOf(item)}`)
      .join(',')}}`
  }
  return JSON.stringify(value)
}

/** The value as a cell of a table or of CSV: a string without quotes, and nothing for NULL. */
export function cellOf(value: SqlValue): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : jsonOf(value)
}

/** A row of a result as a line of NDJSON, without its end. */
export function jsonLine(names: readonly string[], row: readonly SqlValue[]): string {
  return `{${names.map((name, at) => `${JSON.stringify(name)}:${jsonOf(row[at] ?? null)}`).join(',')}}`
}
