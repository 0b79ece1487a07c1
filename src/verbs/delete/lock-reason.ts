import { CrosstrailError } from '../../error.ts'
import type { BucketAdmin } from '../../s3/bucket-admin.ts'
import type { DeleteAnswer, DeleteItem } from '../../s3/delete-answers.ts'
import { formatInstant } from '../../trail/time.ts'

/** Answers in which refusals are explained by the locks of their versions. */
export async function withLockReasons(
  answers: readonly DeleteAnswer[],
  admin: Pick<BucketAdmin, 'lockOf'>,
  signal: AbortSignal,
): Promise<readonly DeleteAnswer[]> {
  const explained: DeleteAnswer[] = []
  for (const answer of answers) {
    const isRefused = answer.status === 'failed'
    explained.push(
      isRefused ? { ...answer, error: await explainLock(answer.error, answer.item, admin, signal) } : answer,
    )
  }
  return explained
}

/**
 * Says why a version was not deleted if Object Lock protects it: `object.legal-hold`, `object.locked-compliance`, `object.locked-governance`.
 * Returns any other refusal as it is, and also one whose lock cannot be read.
 */
async function explainLock(
  error: CrosstrailError,
  { key, versionId }: DeleteItem,
  admin: Pick<BucketAdmin, 'lockOf'>,
  signal: AbortSignal,
): Promise<CrosstrailError> {
  if (versionId === undefined || !(error.code === 'object.locked' || error.code.startsWith('access.'))) return error
  try {
    const { legalHold, mode, retainUntilMs } = await admin.lockOf(key, versionId, signal)
    const facts = { versionId, ...(retainUntilMs !== undefined && { retainUntil: formatInstant(retainUntilMs) }) }
    if (legalHold) {
      return new CrosstrailError('object.legal-hold', `${key} is under a legal hold`, {
        hint: 'someone with the right to put legal holds can remove it; first ask why it is there',
        facts,
        cause: error,
      })
    }
    if (mode === undefined || retainUntilMs === undefined) return error
    const until = formatInstant(retainUntilMs)
    return mode === 'compliance'
      ? new CrosstrailError('object.locked-compliance', `${key} is locked until ${until} in compliance mode`, {
          hint: 'nobody can delete it before that, not even root',
          facts,
          cause: error,
        })
      : new CrosstrailError('object.locked-governance', `${key} is locked until ${until} in governance mode`, {
          hint: '--bypass-governance deletes it if the role allows s3:BypassGovernanceRetention',
          facts,
          cause: error,
        })
  } catch (unknown) {
    if (unknown instanceof CrosstrailError) return error
    throw unknown
  }
}
