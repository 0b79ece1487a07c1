import { oneOrMore, type PolicyStatement } from './policy-document.ts'
import { needStatement, type NeedScope, type SharingNeed } from './sharing/need-statements.ts'

/** What the names of keys begin with under which rights to write are looked for. No object ever has one. */
export const probeName = 'crosstrail-doctor-'

/**
 * What of a need a doctor's session may do: list names, see how the bucket is set, read logs. It may write only under names that no object
 * has, so that a session which is taken over harms nothing. A right that the role itself lacks shows all the same.
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
    case 'read':
    case 'decrypt':
    case 'readTags':
    case 'encryptCopies':
      return [statement()]
    default:
      return []
  }
}

/** The pattern is for GetBucketObjectLockConfiguration and GetBucketOwnershipControls: Ceph takes no policy that names the latter. */
const bucketReads = ['s3:GetBucketVersioning', 's3:GetBucketO*', 's3:GetBucketRequestPayment']

/** Without a condition: the role's own conditions are to be seen, and names are all that is shown. */
function inspecting({ Effect, Action, Resource }: PolicyStatement, more: readonly string[]): PolicyStatement {
  return { Effect, Action: oneOrMore([Action, more].flat()), ...(Resource !== undefined && { Resource }) }
}

function probing({ Effect, Resource }: PolicyStatement, actions: readonly string[]): PolicyStatement {
  const names = [Resource ?? []].flat().map((resource) => `${resource}${probeName}*`)
  return { Effect, Action: oneOrMore(actions), Resource: oneOrMore(names) }
}
