import { CrosstrailError } from '../../error.ts'

/**
 * What DuckDB's error means if a file of a dataset is not what crosstrail writes; undefined if it means something else. `ownSql`: the SQL is right by
 * itself, so that a column that is missing, or of another type, is the file's fault too.
 */
export function datasetError(error: unknown, ownSql: boolean): CrosstrailError | undefined {
  if (!(error instanceof Error)) return undefined
  const [says = ''] = error.message.split('\n')
  if (!damagedFile.test(says) && !(ownSql && /^(?:Binder|Conversion) Error/.test(says))) return undefined
  return new CrosstrailError('object.not-a-dataset', `a file of the dataset is not what crosstrail writes: ${says}`, {
    hint: 'move files of other programs out of the dataset, and restore damaged files from a copy or write them again',
    cause: error,
  })
}

const damagedFile =
  /^(?:Invalid Input Error: (?:File|No magic bytes|Failed to read)|[\w ]+Error: .*(?:Parquet|parquet|corrupt|[Tt]hrift|TProtocolException))/
