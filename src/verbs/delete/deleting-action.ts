import type { ObjectAction } from '../../work/object-action.ts'
import type { DeletingBucket } from './deletion-access.ts'
import type { DeletionBatches } from './deletion-batches.ts'
import type { Deletion } from './deletion.ts'
import type { DigestLedger } from './digest-ledger.ts'

/** Plain data: how the objects of a plan are deleted. */
export interface DeleteJob {
  readonly verb: 'delete'
  readonly bypassGovernance: boolean
  /** Each call needs an MFA code. */
  readonly needsMfa: boolean
  /** The bucket has Object Lock: a refusal is explained by the lock of its version. */
  readonly explainsLocks: boolean
}

/** Deletes what is planned of each object. A digest stays if one of its logs stays. */
export function deletingAction(
  batches: DeletionBatches,
  failedLogs: DigestLedger,
): ObjectAction<DeletingBucket, Deletion>['take'] {
  return (object, account, _bucket, deletion) => {
    if (deletion === undefined) throw new Error(`${object.key} comes without its deletion`)
    if (object.kind === 'digest' && failedLogs.logsRemain(object)) {
      return { status: 'skipped', account, object, reason: 'logs-remain' }
    }
    return async () => {
      const answer = await batches.add(deletion)
      if (answer.status === 'failed') {
        failedLogs.remains(object)
        return { status: 'failed', account, object, error: answer.error }
      }
      const { versionId } = deletion.item
      const { markerVersionId } = answer
      const detail = {
        ...(versionId !== undefined && { versionId }),
        ...(markerVersionId !== undefined && { markerVersionId }),
      }
      return { status: 'done', account, object, bytes: object.sizeBytes, detail }
    }
  }
}
