import type { Account } from '../../config/config.ts'
import { accountPrefix, logsBase } from '../../trail/key-prefix.ts'
import type { TrailLayout } from '../../trail/trail.ts'

/** Returns the prefixes that an account must be able to list. */
export function ownPrefixes({ id, reads }: Pick<Account, 'id' | 'reads'>, layout: TrailLayout): readonly string[] {
  if (reads === 'all') return [logsBase(layout)]
  return (reads === 'own' ? [id] : reads).map((logAccount) => accountPrefix(layout, logAccount))
}
