import { CrosstrailError } from '../../error.ts'
import type { CopyGoal } from '../../verbs/copy/options.ts'
import { givenOptions, grouped, type OptionSet, type Values } from '../option.ts'
import { copyingOptions, readStorage } from './copying.ts'

const { sse, tag, acl } = copyingOptions

const options = {
  'to-owner': copyingOptions['to-owner'],
  'to-region': copyingOptions['to-region'],
  'to-account': copyingOptions['to-account'],
  'storage-class': copyingOptions['storage-class'],
  sse,
  'kms-key': copyingOptions['kms-key'],
  tag,
  acl,
}

/** The options of `copy` that `pull --to s3://…` has too, in a group of its own. */
export const pullingToBucketOptions = grouped('Pulling to a bucket', options)

/** The same for `events --to s3://…`. Their variables are ignored, as that of its `--to`: they are for `copy` and `pull`. */
export const datasetBucketOptions = grouped('Writing a dataset to a bucket', argumentsOnly(options))

type GoalValues = Values<typeof pullingToBucketOptions>

/** Returns how the bucket of `--to` is written; undefined if `--to` is a folder. Throws `usage.conflict`, and as `readStorage`. */
export function readGoal(values: GoalValues, to: string | undefined): CopyGoal | undefined {
  if (to?.startsWith('s3:') !== true) {
    for (const name of givenOptions(values, Object.keys(options))) throw needsBucket(`--${name}`)
    return undefined
  }
  return {
    to,
    toOwner: values['to-owner'],
    toRegion: values['to-region'],
    toAccount: values['to-account'],
    storage: readStorage(values),
  }
}

function argumentsOnly<O extends OptionSet>(some: O): O {
  const named = Object.entries(some).map(([name, option]) => [name, { ...option, argumentOnly: true }])
  return Object.fromEntries(named) as O
}

function needsBucket(option: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', `${option} works only with --to s3://…`, {
    hint: `remove ${option}, or use --to s3://…`,
    facts: { option },
  })
}
