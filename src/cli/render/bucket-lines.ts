import { formatInstant } from '../../trail/time.ts'
import type { OutputFormat } from '../options/output.ts'
import type { VisibleBucket } from '../../verbs/list/own-buckets.ts'
import { recordLines, type RecordTable } from './record-table.ts'

const created = ({ createdMs }: VisibleBucket) => (createdMs === undefined ? undefined : formatInstant(createdMs))

const table: RecordTable<VisibleBucket> = {
  fields: { account: ({ account }) => account, bucket: ({ name }) => name, region: ({ region }) => region, created },
  columns: [
    { title: 'ACCOUNT', cell: ({ account }) => account },
    { title: 'REGION', cell: ({ region }) => region },
    { title: 'CREATED', cell: created },
    { title: 'BUCKET', cell: ({ name }) => name },
  ],
}

export function bucketLines(buckets: readonly VisibleBucket[], format: OutputFormat, width?: number): string[] {
  return recordLines(table, buckets, format, width)
}
