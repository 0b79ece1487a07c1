import type { Duck, DuckModule } from '../../../sinks/parquet/duckdb.ts'
import { wrongSql } from './sql-error.ts'

type Prepared = InstanceType<DuckModule['DuckDBPreparedStatement']>

/**
 * Prepares the one SELECT that a text holds. DuckDB's own type of the statement decides: WITH, FROM …, VALUES, DESCRIBE, SHOW and SUMMARIZE are SELECTs
 * to it; EXPLAIN, PIVOT without IN, and all that writes or sets something are not. Rejects with `usage.sql`, or what DuckDB throws.
 */
export async function prepareOneSelect({ duckdb, connection }: Duck, sql: string): Promise<Prepared> {
  const statements = await extracted(connection.extractStatements(sql))
  if (statements.count !== 1) {
    throw wrongSql(`it has ${statements.count} statements, and exactly one SELECT is accepted`, oneSelect)
  }
  const prepared = await statements.prepare(0)
  if (prepared.statementType !== duckdb.StatementType.SELECT) {
    const type = duckdb.StatementType[prepared.statementType]
    throw wrongSql(`it is of type ${type}, and exactly one SELECT is accepted`, oneSelect)
  }
  if (prepared.parameterCount > 0)
    throw wrongSql('it has parameters, and no values can be given for them', 'write the values into the SQL')
  return prepared
}

const oneSelect =
  'give one SELECT over events, such as: select eventName, count(*) from events group by 1 order by 2 desc'

/** An SQL that holds nothing but spaces and comments has no message of its own. */
async function extracted<T>(statements: Promise<T>): Promise<T> {
  try {
    return await statements
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Failed to extract')) throw error
    throw wrongSql('it has no statement', oneSelect)
  }
}
