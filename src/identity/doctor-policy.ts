import { oneOrMore, type PolicyStatement } from './policy-document.ts'
import { needStatement, type NeedScope, type SharingNeed } from './sharing/need-statements.ts'

/** The prefix of the key names used to test write permission. No object has such a name. */
export const probeName = 'crosstrail-doctor-'

/**
 * Returns what a doctor's session may do for a need: list names, read the bucket's settings, read logs. It may write only under names that
 * no object has, so a stolen session can do no harm. Doctor still notices a right that the role itself lacks.
 */
export function doctorStatement(need: SharingNeed, scope: NeedScope): readonly PolicyStatement[] {
  const statement = () => needStatement(need, scope)
  switch (need) {
    case 'list':
      return [inspecting(statement(), bucketReads)]
    case 'listCopies':
      return [inspecting(statement(), [])]
    case 'delete':
      return [probing(statement(), ['s3:DeleteObject'])]
    case 'store':
      return [probing(statement(), ['s3:PutObject', 's3:GetObject'])]
    case 'listBuckets':
    case 'listPublicKeys':
    case 'read':
    case 'decrypt':
    case 'readTags':
    case 'readNotifications':
    case 'encryptCopies':
      return [statement()]
    default:
      return []
  }
}

/** The pattern stands for GetBucketObjectLockConfiguration and GetBucketOwnershipControls: Ceph rejects a policy that names the latter. */
const bucketReads = ['s3:GetBucketVersioning', 's3:GetBucketO*', 's3:GetBucketRequestPayment']

/** Drops the condition, so that doctor meets the role's own conditions. Only names are visible through it. */
function inspecting({ Effect, Action, Resource }: PolicyStatement, more: readonly string[]): PolicyStatement {
  return { Effect, Action: oneOrMore([Action, more].flat()), ...(Resource !== undefined && { Resource }) }
}

function probing({ Effect, Resource }: PolicyStatement, actions: readonly string[]): PolicyStatement {
  const names = [Resource ?? []].flat().map((resource) => `${resource}${probeName}*`)
  return { Effect, Action: oneOrMore(actions), Resource: oneOrMore(names) }
}
