import { randomBytes } from 'node:crypto'
import type { CrosstrailError } from '../../error.ts'
import { probeName } from '../../identity/doctor-policy.ts'
import type { SharingNeed } from '../../identity/sharing/need-statements.ts'
import type { ProbeAnswer } from '../../s3/bucket-probe.ts'
import type { BucketPlace } from '../../s3/calls.ts'
import { isKmsDenial } from '../../s3/service-error.ts'
import { lacksRight, readDenial } from './denial.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { type DoctorFix, hintFix, wordsFix } from './fix.ts'
import { s3Fixes } from './s3-fixes.ts'
import { knownError, refusalOf, type Walk } from './walk.ts'

export interface DoctorTarget {
  readonly place: BucketPlace
  /** The prefix of the keys of copies: empty, or ending with a slash. */
  readonly prefix: string
  readonly bucket: DoctorBucket
}

/** Checks the rights to list copies below `--to` and to write them. */
export async function tellPut(walk: Walk, target: DoctorTarget | undefined): Promise<void> {
  if (target === undefined) {
    return walk.skip('put', 'not checked: pass --to s3://bucket/prefix to check where copies would go')
  }
  const { place, prefix, bucket } = target
  const extras = { target: { bucket: place.bucket, prefix } }
  const fixesOf = (message: string, ...needs: readonly SharingNeed[]) => [
    ...(readDenial(message).action === undefined ? [wordsFix('config', 'check that --to-owner owns the bucket')] : []),
    ...needs.flatMap((need, index) => s3Fixes(message, { need, place, extras, wasRefused: index === 0 }, walk)),
  ]
  const refused = await refusalOf(bucket.wire.listPage({ prefix, delimiter: '/' }, walk.signal))
  if (refused !== undefined) {
    const isDenial = lacksRight(refused)
    return walk.failWith('put', refused, {
      tried: `ListObjectsV2 of s3://${place.bucket}/${prefix}, which a copy lists to find existing objects`,
      facts: { bucket: place.bucket },
      fixes: isDenial
        ? fixesOf(refused.message, 'listCopies', 'readCopies', 'store')
        : isOfBucket(refused)
          ? [wordsFix('config', targetOptions)]
          : [hintFix('config', refused)],
    })
  }
  await tellProbe(walk, {
    step: 'put',
    right: 's3:PutObject',
    bucketName: place.bucket,
    bucket,
    keyPrefix: prefix,
    place: targetOptions,
    ask: (key) => bucket.probe.mayPut(key, walk.signal),
    fixesFor: (message) => fixesOf(message, readDenial(message).action === 's3:GetObject' ? 'readCopies' : 'store'),
  })
}

const targetOptions = 'check --to, --to-owner and --to-region'

/** The hints of these errors are about the trail's bucket, so they do not fit the target's. */
function isOfBucket({ code }: CrosstrailError): boolean {
  return code.startsWith('bucket.')
}

/** Checks the right to delete logs. `folder` is a folder that holds logs. */
export async function tellDelete(walk: Walk, bucket: DoctorBucket, folder: string): Promise<void> {
  const { trail } = walk
  const versioning = walk.steps.find(({ step }) => step === 'settings')?.facts['versioning']
  if (!bucket.isAws && versioning !== 'off') {
    return walk.skip(
      'delete',
      'not checked: the server is not AWS, and if it ignores conditions, the check would leave a delete marker',
    )
  }
  await tellProbe(walk, {
    step: 'delete',
    right: 's3:DeleteObject',
    bucketName: trail.bucket,
    bucket,
    keyPrefix: folder,
    place: 'check trail.bucket, trail.owner and trail.region',
    ask: (key) => bucket.probe.mayDelete(key, walk.signal),
    fixesFor: (message) => {
      const need = readDenial(message).action === 's3:GetObject' ? 'read' : 'delete'
      return s3Fixes(message, { need, place: trail }, walk)
    },
  })
}

interface Probing {
  readonly step: 'put' | 'delete'
  readonly right: string
  readonly bucketName: string
  readonly bucket: DoctorBucket
  readonly keyPrefix: string
  readonly ask: (key: string) => Promise<ProbeAnswer>
  readonly place: string
  readonly fixesFor: (message: string) => readonly DoctorFix[]
}

/** Sends a request that cannot succeed: its answer shows whether the right exists. docs/DOCTOR.md has the table of answers. */
async function tellProbe(walk: Walk, probing: Probing): Promise<void> {
  const { step, right, bucketName } = probing
  const key = `${probing.keyPrefix}${probeName}${randomBytes(12).toString('hex')}`
  const tried = `${step === 'put' ? 'PutObject' : 'DeleteObject'} of s3://${bucketName}/${key}, a key that does not exist, with conditions that cannot be met`
  let answer: ProbeAnswer
  try {
    answer = await probing.ask(key)
  } catch (error) {
    const known = knownError(error)
    return walk.failWith(step, known, {
      tried,
      facts: { key },
      fixes: [hintFix('machine', known)],
    })
  }
  if (answer.verdict === 'allowed') {
    return walk.ok(
      step,
      `${right} is allowed on s3://${bucketName}/${probing.keyPrefix}… (${answer.answer}; nothing was changed)`,
      { key },
    )
  }
  if (answer.verdict === 'condition-ignored') {
    const stored =
      step === 'put'
        ? [
            wordsFix(
              'owner',
              `delete s3://${bucketName}/${key}: the server stored it although three conditions forbid it`,
            ),
          ]
        : []
    return walk.warn(step, `${right} is allowed, but the server ignores conditions: it does not behave as S3 does`, {
      code: 'bucket.ignores-conditions',
      tried,
      facts: { key },
      fixes: stored,
    })
  }
  const { message, facts } = answer.error
  const { action } = readDenial(message)
  const isDenial = lacksRight(answer.error)
  if (facts['status'] === 501) {
    return walk.skip(step, 'not known: the server has no conditional requests, and doctor does not try another way', {
      key,
    })
  }
  if (isDenial && action === 's3:ListBucket') {
    return walk.ok(
      step,
      `${right} is allowed on s3://${bucketName}/${probing.keyPrefix}… (S3 only hides that the key does not exist)`,
      { key },
    )
  }
  if (isDenial && action === undefined && !isKmsDenial(message) && !(await tellsMissing(walk, probing, key))) {
    return walk.skip(
      step,
      `not known: S3 answered 403 without a reason, which it also does to hide that a key does not exist`,
      { key },
    )
  }
  walk.failWith(step, answer.error, {
    tried,
    facts: { key },
    fixes: isDenial ? probing.fixesFor(message) : notDenied(answer.error, probing.place),
  })
}

function notDenied(error: CrosstrailError, place: string): readonly DoctorFix[] {
  return [error.hint === undefined ? wordsFix('config', place) : hintFix('config', error)]
}

async function tellsMissing(walk: Walk, { bucket }: Probing, key: string): Promise<boolean> {
  try {
    return await bucket.probe.tellsMissing(key, walk.signal)
  } catch (error) {
    knownError(error)
    return false
  }
}
