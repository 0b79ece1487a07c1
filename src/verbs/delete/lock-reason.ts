import { CrosstrailError } from '../../error.ts'
import type { DeleteItem } from '../../s3/delete-answers.ts'
import { formatInstant } from '../../trail/time.ts'
import type { DeletingAdmin } from './deleting-host.ts'

/**
 * Why a version was not deleted, where Object Lock holds it: `object.legal-hold`, `object.locked-compliance`, `object.locked-governance`.
 * Any other refusal is given back as it is, and so is one whose lock may not be seen.
 */
export async function explainLock(
  error: CrosstrailError,
  { key, versionId }: DeleteItem,
  admin: Pick<DeletingAdmin, 'lockOf'>,
  signal: AbortSignal,
): Promise<CrosstrailError> {
  if (versionId === undefined || !(error.code === 'object.locked' || error.code.startsWith('access.'))) return error
  try {
    const { legalHold, mode, retainUntilMs } = await admin.lockOf(key, versionId, signal)
    const facts = { versionId, ...(retainUntilMs !== undefined && { retainUntil: formatInstant(retainUntilMs) }) }
    if (legalHold) {
      return new CrosstrailError('object.legal-hold', `${key} is under a legal hold`, {
        hint: 'only who may put legal holds can lift it; ask why it is there before you do',
        facts,
        cause: error,
      })
    }
    if (mode === undefined || retainUntilMs === undefined) return error
    const until = formatInstant(retainUntilMs)
    return mode === 'compliance'
      ? new CrosstrailError('object.locked-compliance', `${key} is locked until ${until} in compliance mode`, {
          hint: 'nobody can delete it before, not even root',
          facts,
          cause: error,
        })
      : new CrosstrailError('object.locked-governance', `${key} is locked until ${until} in governance mode`, {
          hint: '--bypass-governance deletes it where the role allows s3:BypassGovernanceRetention',
          facts,
          cause: error,
        })
  } catch (unknown) {
    if (unknown instanceof CrosstrailError) return error
    throw unknown
  }
}
