import type { Lab, LabOptions } from '../../../src/lab/lab.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { hourMs } from '../../../src/trail/calendar.ts'

const fromMs = Date.UTC(2026, 10, 1)
const hours = 3
const regions = ['us-east-1', 'eu-west-1'] as const

/** The window of the trail. All of it is over. */
export const fleetWindow = ['--from', '2026-11-01', '--until', '2026-11-01T03:00'] as const

/** Logs of one kind and their digests, in this number of log accounts and two regions. A fleet makes one slice of each log account and region. */
export function fleetSample(logAccounts: number): NonNullable<LabOptions['sample']> {
  const [account, ...accounts] = Array.from(
    { length: logAccounts },
    (_, index) => String(100_000_000_001 + index) as AccountId,
  )
  if (account === undefined) throw new Error('a trail has at least one log account')
  return {
    // So many that hardly any log account and region has none.
    objects: logAccounts * 12,
    logAccounts: [account, ...accounts],
    regions: [...regions],
    kinds: ['events'],
    digests: true,
    foreign: false,
    window: { fromMs, toMs: fromMs + hours * hourMs },
  }
}

/** Removes a log from each of some places, so that `verify` has findings. Returns the keys. */
export function removeSomeLogs(lab: Lab): string[] {
  const bucket = lab.bucket()
  const logs = bucket.keys().filter((key) => key.includes('/CloudTrail/'))
  const removed = logs.filter((_, index) => index % 61 === 50)
  for (const key of removed) bucket.delete(key)
  return removed
}
