import { type Duck, type DuckModule, sqlText } from '../../../sinks/parquet/duckdb.ts'
import { wrongSql } from './sql-error.ts'

export type Prepared = InstanceType<DuckModule['DuckDBPreparedStatement']>

/**
 * Prepares the one SELECT in a text. DuckDB's type of the statement decides. WITH, FROM …, VALUES, DESCRIBE, SHOW and SUMMARIZE also are SELECTs. EXPLAIN,
 * PIVOT without IN, and statements that write or set something are not. Rejects with `usage.sql`, or with DuckDB's error.
 */
export async function prepareOneSelect(duck: Duck, sql: string): Promise<Prepared> {
  const { duckdb, connection } = duck
  const statements = await extracted(connection.extractStatements(sql))
  if (statements.count !== 1) {
    throw wrongSql(`it has ${statements.count} statements, and exactly one SELECT is accepted`, oneSelect)
  }
  const prepared = await statements.prepare(0)
  if (prepared.statementType !== duckdb.StatementType.SELECT) {
    const type = duckdb.StatementType[prepared.statementType]
    throw wrongSql(`it is of type ${type}, and exactly one SELECT is accepted`, oneSelect)
  }
  if (!(await isWrittenAsSelect(duck, sql))) {
    throw wrongSql('it is a PRAGMA or CALL, and exactly one SELECT is accepted', oneSelect)
  }
  if (prepared.parameterCount > 0)
    throw wrongSql('it has parameters, but parameters have no values here', 'write the values into the SQL')
  return prepared
}

/** DuckDB rewrites some statements, such as PRAGMA version, to a SELECT before it prepares them. */
async function isWrittenAsSelect({ connection }: Duck, sql: string): Promise<boolean> {
  const reader = await connection.runAndReadAll(`SELECT json_serialize_sql(${sqlText(sql)})::VARCHAR`)
  const { error } = JSON.parse(String(reader.getRows()[0]?.[0])) as { readonly error: boolean }
  return !error
}

const oneSelect =
  'give one SELECT over events, such as: select eventName, count(*) from events group by 1 order by 2 desc'

/** DuckDB has no message for a text with only spaces and comments. */
async function extracted<T>(statements: Promise<T>): Promise<T> {
  try {
    return await statements
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Failed to extract')) throw error
    throw wrongSql('it has no statement', oneSelect)
  }
}
