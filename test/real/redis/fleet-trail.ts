import type { Lab, LabOptions } from '../../../src/lab/lab.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { hourMs } from '../../../src/trail/calendar.ts'

const fromMs = Date.UTC(2026, 10, 1)
const hours = 6
const regions = [
  ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['eu-north-1', 'eu-south-1', 'ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-east-1'],
  ['ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'sa-east-1', 'me-south-1'],
].flat()

/** The window of the trail. All of it is over. */
export const fleetWindow = ['--from', '2026-11-01', '--until', '2026-11-01T06:00'] as const

/** Logs of one kind and their digests, in this number of log accounts and regions. A fleet makes one slice of each pair. */
export function fleetSample(places: { readonly logAccounts: number; readonly regions: number }): LabOptions['sample'] {
  const [account, ...accounts] = Array.from(
    { length: places.logAccounts },
    (_, index) => String(100_000_000_001 + index) as AccountId,
  )
  const [region, ...otherRegions] = regions.slice(0, places.regions)
  if (account === undefined || region === undefined) throw new Error('a trail has at least one place')
  return {
    // Half of them are in the first region. No other place is likely to have none.
    objects: places.logAccounts * places.regions * 16,
    logAccounts: [account, ...accounts],
    regions: [region, ...otherRegions],
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
  const removed = logs.filter((_, index) => index % 211 === 100)
  for (const key of removed) bucket.delete(key)
  return removed
}
