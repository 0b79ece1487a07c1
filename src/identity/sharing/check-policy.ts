import { missingRights } from './missing-rights.ts'
import type { PolicyFinding } from './policy-finding.ts'
import type { ReadPolicy } from './read-policy.ts'
import type { SharingPolicy } from './sharing-policy.ts'
import { wideRights } from './wide-rights.ts'

/**
 * Compares what somebody has with what is needed, by what the two mean and not by how they are written: what is missing, what is too wide,
 * and what hangs on something only AWS can tell. Empty where nothing is wrong.
 */
export function checkPolicy(have: ReadPolicy, needed: SharingPolicy): readonly PolicyFinding[] {
  return [...missingRights(have.statements, needed), ...wideRights(have.statements, needed)]
}

/** The shape of a policy: who may assume a role, what an identity may do, what a bucket or key lets others do. */
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
      return 'resource'
    case 'role-policy':
    case 'user-policy':
    case 'unnamed-principal':
      return 'identity'
  }
}
