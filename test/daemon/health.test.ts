import { expect, test } from 'vitest'
import { healthProblem, type PullPulse, stuckProblem } from '../../src/daemon/health.ts'

const minuteMs = 60_000
const resting: PullPulse = { lastSignMs: undefined, failuresInARow: 0, lastFailure: undefined }

test.each([
  ['waits', resting, 'healthy', 'healthy'],
  ['pulls, and made progress 30 minutes ago', { ...resting, lastSignMs: 70 * minuteMs }, 'healthy', 'healthy'],
  ['pulls, and made progress 31 minutes ago', { ...resting, lastSignMs: 69 * minuteMs }, 'unhealthy', 'unhealthy'],
  ['waits after two failures', { ...resting, failuresInARow: 2 }, 'healthy', 'healthy'],
  ['waits after three failures', { ...resting, failuresInARow: 3 }, 'healthy', 'unhealthy'],
  ['pulls after three failures', { ...resting, failuresInARow: 3, lastSignMs: 99 * minuteMs }, 'healthy', 'unhealthy'],
] as const)('the state of a process that %s', (_name, pulse, live, health) => {
  const said = (problem: string | undefined) => (problem === undefined ? 'healthy' : 'unhealthy')
  const nowMs = 100 * minuteMs
  expect([said(stuckProblem(pulse, nowMs)), said(healthProblem(pulse, nowMs))]).toEqual([live, health])
})

test('the problem includes the code of the last failure', () => {
  const pulse = { ...resting, failuresInARow: 4, lastFailure: 'access.assume-role-denied' }
  expect(healthProblem(pulse, 0)).toBe('4 pulls in a row failed, the last with access.assume-role-denied')
})
