import type { CopyGoal } from '../../verbs/copy/options.ts'
import { grouped, type Values } from '../option.ts'
import { copyingOptions, readStorage } from './copying.ts'

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

/** How the bucket of a URL is written. Throws as `readStorage`. */
export function readGoal(values: Values<typeof pullingToBucketOptions>, url: string): CopyGoal {
  return {
    to: url,
    toOwner: values['to-owner'],
    toRegion: values['to-region'],
    toAccount: values['to-account'],
    storage: readStorage(values),
  }
}
