import { downloadRights } from '../download/options.ts'
import type { Rights } from '../rights.ts'

interface DeleteRightsAsked {
  /** Versions are removed, and locked ones explained. */
  readonly versions: boolean
  readonly bypassGovernance: boolean
  /** The archive that holds copies of what is deleted. */
  readonly target?: Rights['target']
}

export function deleteRights({ versions, bypassGovernance, target }: DeleteRightsAsked): Rights {
  const needs: Rights['needs'] = [
    ...downloadRights.needs,
    'delete',
    ...(versions ? (['deleteVersions', 'readLocks'] as const) : []),
    ...(versions && bypassGovernance ? (['bypassGovernance'] as const) : []),
    ...(versions ? (['listVersions'] as const) : []),
    'readProtection',
    ...(target === undefined ? [] : (['listCopies', 'readCopies'] as const)),
  ]
  return { allow: ['delete'], needs, target }
}
