import { CrosstrailError } from '../../error.ts'

/**
 * Returns an error if DuckDB's error says that a file of a dataset is not one that crosstrail wrote. `ownSql`: the SQL is crosstrail's own, so a missing
 * column or a wrong type is also the fault of the file.
 */
export function datasetError(error: unknown, ownSql: boolean): CrosstrailError | undefined {
  if (!(error instanceof Error)) return undefined
  const [says = ''] = error.message.split('\n')
  // A quoted path or value may contain any word.
  const words = says.replaceAll(/"[^"]*"|'[^']*'/g, '')
  if (!damagedFile.test(words) && !(ownSql && /^(?:Binder|Conversion) Error/.test(says))) return undefined
  return new CrosstrailError('object.not-a-dataset', `a file of the dataset is not what crosstrail writes: ${says}`, {
    hint: 'move files of other programs out of the dataset, and restore damaged files from a copy or write them again',
    cause: error,
  })
}

const damagedFile =
  /^(?:Invalid Input Error: (?:File|No magic bytes|Failed to read)|IO Error: Could not read enough bytes|[\w ]+Error: .*(?:Parquet|parquet|corrupt|[Tt]hrift|TProtocolException))/

/** An earlier run may have written the file with another release of DuckDB. Then it holds the same events, and this is not thrown. */
export function nameTaken(file: string): CrosstrailError {
  return new CrosstrailError(
    'object.differs',
    `${file} exists in the dataset, and does not hold the events that belong there`,
    {
      hint: 'find out which program wrote it, move it out of the dataset, and run again',
      facts: { file },
    },
  )
}
