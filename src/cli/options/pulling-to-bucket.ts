import type { Option } from '../option.ts'
import { copyingOptions } from './copying.ts'

/** How `pull --to s3://…` copies: the same as `copy`, in a group of its own. */
export const pullingToBucketOptions = {
  'to-owner': grouped(copyingOptions['to-owner']),
  'to-region': grouped(copyingOptions['to-region']),
  'to-account': grouped(copyingOptions['to-account']),
  'storage-class': grouped(copyingOptions['storage-class']),
  sse: grouped(copyingOptions.sse),
  'kms-key': grouped(copyingOptions['kms-key']),
  tag: grouped(copyingOptions.tag),
  acl: grouped(copyingOptions.acl),
}

function grouped<T>(option: Option<T>): Option<T> {
  return { ...option, group: 'Pulling to a bucket' }
}
