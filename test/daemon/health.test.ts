import { expect, test } from 'vitest'
import { healthProblem, type PullPulse, stuckProblem } from '../../src/daemon/health.ts'

const minuteMs = 60_000
const resting: PullPulse = { lastSignMs: undefined, failuresInARow: 0, lastFailure: undefined }

test.each([
  ['waits', resting, 'fine', 'fine'],
  ['pulls, and was heard of 30 minutes ago', { ...resting, lastSignMs: 70 * minuteMs }, 'fine', 'fine'],
  ['pulls, and was heard of 31 minutes ago', { ...resting, lastSignMs: 69 * minuteMs }, 'wrong', 'wrong'],
  ['waits after two failures', { ...resting, failuresInARow: 2 }, 'fine', 'fine'],
  ['waits after three failures', { ...resting, failuresInARow: 3 }, 'fine', 'wrong'],
  ['pulls after three failures', { ...resting, failuresInARow: 3, lastSignMs: 99 * minuteMs }, 'fine', 'wrong'],
] as const)('one that %s', (_name, pulse, live, health) => {
  const said = (problem: string | undefined) => (problem === undefined ? 'fine' : 'wrong')
  const nowMs = 100 * minuteMs
  expect([said(stuckProblem(pulse, nowMs)), said(healthProblem(pulse, nowMs))]).toEqual([live, health])
})

test('what is wrong is said with the code of the last failure', () => {
  const pulse = { ...resting, failuresInARow: 4, lastFailure: 'access.assume-role-denied' }
  expect(healthProblem(pulse, 0)).toBe('4 pulls in a row failed, the last with access.assume-role-denied')
})
