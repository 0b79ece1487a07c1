import { dayMs } from '../../trail/calendar.ts'
import { formatInstant } from '../../trail/time.ts'
import { wordsFix } from './fix.ts'
import { agoText } from './life-text.ts'
import type { Survey } from './survey.ts'
import type { Walk } from './walk.ts'

/** CloudTrail delivers within minutes of a call, and an account in use makes calls every day. */
const staleAfterMs = dayMs

export function tellFresh(walk: Walk, { newest, kinds, regions, logAccounts }: Survey): void {
  const last = newest.at(-1)
  if (last === undefined) return walk.skip('fresh', 'no log was found')
  const ageMs = walk.nowMs - last.deliveredAtMs
  const facts = {
    newestKey: last.key,
    newestDelivery: formatInstant(last.deliveredAtMs),
    ageSeconds: Math.max(0, Math.round(ageMs / 1000)),
    kinds: kinds.join(','),
    regions: regions.length,
    logAccountsLookedAt: logAccounts.length,
  }
  const what = `newest log of ${formatInstant(last.deliveredAtMs)} (${agoText(ageMs)} ago); ${kinds.join(', ')} in ${regions.length} ${regions.length === 1 ? 'region' : 'regions'}`
  if (ageMs <= staleAfterMs) return walk.ok('fresh', what, facts)
  walk.warn('fresh', what, {
    code: 'trail.stale',
    facts,
    fixes: [
      wordsFix(
        'owner',
        'check that the trail is logging (aws cloudtrail get-trail-status) and may write to the bucket; an account that nobody uses has no logs',
      ),
    ],
  })
}

export function tellValidation(walk: Walk, { kinds, newest }: Survey): void {
  if (newest.length === 0 && kinds.length === 0) return walk.skip('validation', 'no log was found')
  if (kinds.includes('digest')) return walk.ok('validation', 'log file validation is on: there are digests')
  walk.warn(
    'validation',
    'log file validation seems off: there are no digests, so nothing proves that a log is unchanged',
    {
      code: 'trail.no-digests',
      fixes: [wordsFix('owner', 'aws cloudtrail update-trail --name <trail> --enable-log-file-validation')],
    },
  )
}
