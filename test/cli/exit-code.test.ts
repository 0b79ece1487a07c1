import { expect, test } from 'vitest'
import {
  exitCodeOfError,
  exitCodeOfPull,
  exitCodeOfReport,
  exitCodeOfWork,
  type StopReason,
} from '../../src/cli/exit-code.ts'
import { CrosstrailError, errorCodes, type ErrorCode } from '../../src/error.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { failure, object, reportOf } from './fixture.ts'
import { finding, pullReport } from './pulled.ts'

test.each<[ErrorCode, number]>([
  ['usage.unknown-option', 2],
  ['usage.declined', 4],
  ['config.invalid', 2],
  ['access.assume-role-denied', 3],
  ['bucket.not-found', 3],
  ['bucket.elsewhere', 3],
  ['bucket.slow-down', 1],
  ['bucket.server-error', 1],
  ['object.truncated', 1],
  ['network.broken', 1],
  ['disk.full', 1],
  ['lab.port-taken', 1],
  ['interrupted', 130],
])('the error %s exits with %d', (code, exitCode) => {
  expect(exitCodeOfError(new CrosstrailError(code, 'test'))).toBe(exitCode)
})

test('no error of the list is a bug', () => {
  expect(errorCodes.filter((code) => exitCodeOfError(new CrosstrailError(code, 'test')) === 70)).toEqual([])
})

test('an unknown error is a bug', () => {
  expect(exitCodeOfError(new TypeError('x is not a function'))).toBe(70)
  expect(exitCodeOfError('thrown text')).toBe(70)
})

const done: Outcome = { status: 'done', account: 'B', object: object(), bytes: 1 }
const failed: Outcome = { status: 'failed', account: 'B', object: object(), error: failure() }
const skipped: Outcome = { status: 'skipped', account: 'B', object: object(), reason: 'archived' }

function report(outcome: Outcome, error?: CrosstrailError, interrupted = false) {
  const made = reportOf([outcome])
  return { ...made, interrupted, accounts: made.accounts.map((account) => ({ ...account, error })) }
}

test.each<[string, ReturnType<typeof report>, StopReason | undefined, number]>([
  ['all done', report(done), undefined, 0],
  ['skipped objects', report(skipped), undefined, 0],
  ['an object failed', report(failed), undefined, 1],
  ['an account without access', report(done, failure('access.assume-role-denied')), undefined, 3],
  ['no access before failed objects', report(failed, failure('access.assume-role-denied')), undefined, 3],
  ['an account that the network stopped', report(done, failure('network.broken')), undefined, 1],
  ['an interruption before no access', report(done, failure('access.assume-role-denied'), true), 'SIGINT', 130],
  ['a SIGTERM', report(failed, undefined, true), 'SIGTERM', 143],
  ['a closed stdout', report(done, undefined, true), 'output-closed', 0],
  ['no access, and a closed stdout', report(done, failure('access.list-denied'), true), 'output-closed', 3],
  ['a signal that is too late to stop anything', report(done), 'SIGINT', 0],
])('%s', (_title, made, stop, exitCode) => {
  expect(exitCodeOfReport(made, stop)).toBe(exitCode)
})

test('a run that a full disk ended is a failure, even without failed objects', () => {
  const ended = { ...report({ status: 'done', account: 'B', object: object(), bytes: 1 }), error: failure('disk.full') }
  expect(exitCodeOfReport(ended, undefined)).toBe(1)
})

test.each<[string, ReturnType<typeof report>, number]>([
  ['stops work before its end', report(done, undefined, true), 1],
  ['does not hide missing access', report(done, failure('access.assume-role-denied'), true), 3],
  ['stops nothing after the end', report(done), 0],
])('a closed stdout %s', (_title, made, exitCode) => {
  expect(exitCodeOfWork(made, 'output-closed')).toBe(exitCode)
})

test.each([
  ['no findings', {}, undefined, true, 0],
  ['findings and --fail-on-gap', { findings: [finding()] }, undefined, true, 1],
  ['findings without --fail-on-gap', { findings: [finding()] }, undefined, false, 0],
  ['findings and a full disk', { findings: [finding()], error: failure('disk.full') }, undefined, true, 1],
  ['a signal', { interrupted: true, findings: [finding()] }, 'SIGTERM', true, 143],
  ['a closed stdout and no findings', { interrupted: true }, 'output-closed', false, 1],
] as const)('a pull with %s', (_name, changes, stop, failOnGap, code) => {
  expect(exitCodeOfPull(pullReport(changes), stop, failOnGap)).toBe(code)
})
