import { grouped } from '../option.ts'
import { copyingOptions } from './copying.ts'

const { sse, tag, acl } = copyingOptions

/** The options of `copy` that `pull --to s3://…` has too, in a group of its own. */
export const pullingToBucketOptions = grouped('Pulling to a bucket', {
  'to-owner': copyingOptions['to-owner'],
  'to-region': copyingOptions['to-region'],
  'to-account': copyingOptions['to-account'],
  'storage-class': copyingOptions['storage-class'],
  sse,
  'kms-key': copyingOptions['kms-key'],
  tag,
  acl,
})
