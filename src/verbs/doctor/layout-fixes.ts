import type { TrailLayout } from '../../trail/trail.ts'
import { configFix, type DoctorFix } from './fix.ts'

/** Returns the fields of the config that may be wrong if a listing is refused, because they make a wrong prefix. */
export function layoutFixes({ prefix, organization = 'none' }: TrailLayout): readonly DoctorFix[] {
  const why = 'a role that may list only the prefix of its own logs is refused any other prefix'
  return [
    configFix('trail.prefix', `check that this is the trail's prefix (now ${prefix === '' ? 'none' : prefix}): ${why}`),
    configFix('trail.organization', `check that this is the trail's organization (now ${organization})`),
  ]
}
