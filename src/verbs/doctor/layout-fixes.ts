import type { TrailLayout } from '../../trail/trail.ts'
import { configFix, type DoctorFix } from './fix.ts'

/** What of the config may be wrong where a listing is refused: another prefix than that of the logs is asked for then. */
export function layoutFixes({ prefix, organization = 'none' }: TrailLayout): readonly DoctorFix[] {
  const why = 'a role that may list the prefix of its own logs refuses others'
  return [
    configFix('trail.prefix', `see that it is that of the trail (it is ${prefix === '' ? 'none' : prefix}): ${why}`),
    configFix('trail.organization', `the same (it is ${organization})`),
  ]
}
