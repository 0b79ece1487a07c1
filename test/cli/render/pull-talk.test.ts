import { expect, test } from 'vitest'
import { pullTalk } from '../../../src/cli/render/pull-talk.ts'
import { CrosstrailError } from '../../../src/error.ts'
import type { PullReport } from '../../../src/verbs/pull/report.ts'
import { Sink } from '../host.ts'
import { reportOf } from '../fixture.ts'

function lineOf(changes: Partial<PullReport>, quiet: boolean): string {
  const stderr = new Sink()
  const talk = pullTalk({ output: 'table', quiet, verbose: false, noColor: true }, { stderr, env: {} })
  const pulled = { streams: [], sweep: false, firstRun: false, sinceMs: 0, findings: [] }
  talk.line({ ...reportOf([]), ...pulled, ...changes }, [])
  return stderr.text
}

const error = new CrosstrailError('disk.full', 'no space left on the disk', { hint: 'free some space and run again' })
const heard = { taken: 0, delaySumMs: 0, longestDelayMs: 0, foreign: 0, isDrained: false }

test.each([false, true])('one pull of many tells what ended it (quiet: %s)', (quiet) => {
  for (const changes of [{ error }, { error, heard }]) {
    expect(lineOf(changes, quiet)).toContain('crosstrail: no space left on the disk')
    expect(lineOf(changes, quiet)).toContain('hint: free some space and run again')
  }
})

test('one pull of many that was stopped says so without an error', () => {
  const stopped = new CrosstrailError('interrupted', 'stopped')
  expect(lineOf({ error: stopped, interrupted: true }, false)).not.toContain('crosstrail: ')
})

test('a pull that listens and took nothing has no line', () => {
  expect(lineOf({ heard }, false)).toBe('')
})
