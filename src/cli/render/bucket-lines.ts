import { formatInstant } from '../../trail/time.ts'
import type { OutputFormat } from '../options/output.ts'
import type { VisibleBucket } from '../../verbs/list/own-buckets.ts'
import { csvLine } from './csv.ts'
import { safeJson } from './escape.ts'
import { textTable } from './text-table.ts'

const fields = ['account', 'bucket', 'region', 'created'] as const
const columns = [{ title: 'ACCOUNT' }, { title: 'REGION' }, { title: 'CREATED' }, { title: 'BUCKET' }]

/** The lines of `list --buckets`. */
export function bucketLines(buckets: readonly VisibleBucket[], format: OutputFormat, width?: number): string[] {
  const records = buckets.map(({ account, name, region, createdMs }) => ({
    account,
    bucket: name,
    region,
    created: createdMs === undefined ? undefined : formatInstant(createdMs),
  }))
  switch (format) {
    case 'json':
      return records.map(safeJson)
    case 'csv':
      return [csvLine(fields), ...records.map((record) => csvLine(fields.map((field) => record[field])))]
    case 'table':
      return textTable(
        columns,
        records.map(({ account, region, created, bucket }) => [account, region ?? '-', created ?? '-', bucket]),
        width,
      )
  }
}
