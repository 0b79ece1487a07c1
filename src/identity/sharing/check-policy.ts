import { missingRights } from './missing-rights.ts'
import type { PolicyFinding } from './policy-finding.ts'
import type { ReadPolicy } from './read-policy.ts'
import type { SharingPolicy } from './sharing-policy.ts'
import { wideRights } from './wide-rights.ts'

/** Compares the meaning of a policy with what is needed. Reports rights that are missing, too wide, or unclear because only AWS can tell. */
export function checkPolicy(have: ReadPolicy, needed: SharingPolicy): readonly PolicyFinding[] {
  return [...missingRights(have.statements, needed), ...wideRights(have.statements, needed)]
}

/** The shape of a policy: who may assume a role (`trust`), what an identity may do, or what a bucket or key allows others to do (`resource`). */
export type PolicyShape = 'trust' | 'identity' | 'resource'

export function policyShape({ statements }: ReadPolicy): PolicyShape {
  if (statements.every(({ principals }) => principals === undefined)) return 'identity'
  return statements.every(({ resources }) => resources === undefined) ? 'trust' : 'resource'
}

export function shapeOf({ attachment }: Pick<SharingPolicy, 'attachment'>): PolicyShape {
  switch (attachment.type) {
    case 'role-trust':
      return 'trust'
    case 'bucket-policy':
    case 'key-policy':
    case 'queue-policy':
    case 'topic-policy':
      return 'resource'
    case 'role-policy':
    case 'user-policy':
    case 'unnamed-principal':
      return 'identity'
  }
}
