import { CrosstrailError } from '../../error.ts'

/** What DuckDB's error means if a file of a dataset is not what crosstrail writes; undefined if it means something else. */
export function datasetError(error: unknown): CrosstrailError | undefined {
  if (!(error instanceof Error)) return undefined
  const [says = ''] = error.message.split('\n')
  if (!foreignFile.test(says)) return undefined
  return new CrosstrailError('object.not-a-dataset', `a file of the dataset is not what crosstrail writes: ${says}`, {
    hint: 'move files of other programs out of the dataset, and restore damaged files from a copy or write them again',
    cause: error,
  })
}

const foreignFile =
  /^(?:Invalid Input Error: (?:File|No magic bytes|Parquet|Failed to read)|Binder Error: .*(?:not found|Table "k"|eventID|eventTime)|Conversion Error: .*cast from source type|(?:IO|Invalid) Error: .*[Pp]arquet|.*Error: .*(?:corrupt|[Tt]hrift|TProtocolException))/
