import { oneOrMore, type PolicyStatement } from './policy-document.ts'
import { needStatement, type NeedScope } from './sharing/need-statements.ts'

/** What the names of keys begin with under which rights to write are looked for. No object ever has one. */
export const probeName = 'crosstrail-doctor-'

/** A verb whose rights are looked for beside that to list logs. */
export type ProbedVerb = 'list' | 'download' | 'copy' | 'delete'

/**
 * What a doctor's session may do: list names, see how the bucket is set, read logs. Writing it may under names alone that no object has, so
 * that a session which is taken over harms nothing. A right that the role itself lacks shows all the same.
 */
export function doctorStatements(scope: NeedScope, probes: readonly ProbedVerb[]): readonly PolicyStatement[] {
  const copies = probes.includes('copy')
  return [
    inspecting(needStatement('list', scope), bucketReads),
    ...(probes.includes('list') ? [needStatement('listBuckets', scope)] : []),
    ...(probes.some((verb) => verb !== 'list') ? [needStatement('read', scope), needStatement('decrypt', scope)] : []),
    ...(copies ? [needStatement('readTags', scope)] : []),
    ...(probes.includes('delete') ? [probing(needStatement('delete', scope), ['s3:DeleteObject'])] : []),
    ...(copies && scope.target !== undefined
      ? [
          inspecting(needStatement('listCopies', scope), []),
          probing(needStatement('store', scope), ['s3:PutObject', 's3:GetObject']),
          needStatement('encryptCopies', scope),
        ]
      : []),
  ]
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
