import { expect, test, vi } from 'vitest'
import type { StopReason } from '../../../src/cli/exit-code.ts'
import { progressKind, startTalk } from '../../../src/cli/render/talk.ts'
import { Speaker } from '../../../src/cli/render/speaker.ts'
import type { RunEvent } from '../../../src/work/run-event.ts'
import { failure, object, reportOf } from '../fixture.ts'
import { Sink } from '../host.ts'

test.each([
  [true, true, false, false, 'none'],
  [true, false, false, false, 'none'],
  [false, false, false, false, 'lines'],
  [false, false, true, false, 'lines'],
  [false, false, false, true, 'lines'],
  [false, true, false, true, 'none'],
  [false, true, true, false, 'none'],
  [false, true, false, false, 'bars'],
] as const)(
  'quiet %s, stderr a terminal %s, stdout a pipe %s, results on a terminal %s: %s',
  (quiet, stderr, pipe, results, kind) => {
    expect(progressKind(quiet, stderr, pipe, results)).toBe(kind)
  },
)

function said(event: RunEvent, changes: { quiet?: boolean; verbose?: boolean; output?: 'table' | 'json' } = {}) {
  const stderr = new Sink()
  const output = { output: 'table', quiet: false, verbose: false, noColor: true, ...changes } as const
  const talk = startTalk({
    stdout: new Sink(),
    stderr,
    env: {},
    output,
    resultsOnStdout: false,
    failuresOnStdout: output.output !== 'table',
    moves: true,
    signal: new AbortController().signal,
    stop: () => undefined,
  })
  talk.listener(event)
  talk.stop()
  return stderr.text
}

const warning: RunEvent = { type: 'note', level: 'warning', code: 'x', message: 'the bucket is\u001B elsewhere' }
const info: RunEvent = { type: 'note', level: 'info', code: 'x', message: 'a detail', account: 'B' }
const failed: RunEvent = {
  type: 'outcome',
  outcome: { status: 'failed', account: 'B', object: object({ key: 'a\u001Bb' }), error: failure() },
}
const stopped: RunEvent = { type: 'account-failed', account: 'B', error: failure('access.assume-role-denied') }

test('suggests doctor for an account without access, but not if the config forbids the verb', () => {
  const next = 'to see what to change: crosstrail doctor B\n'
  expect(said(stopped)).toContain(next)
  expect(said({ ...stopped, error: failure('access.verb-not-allowed') })).not.toContain('next:')
  expect(said({ ...stopped, error: failure('network.stalled') })).not.toContain('next:')
  expect(said(stopped, { output: 'json' })).not.toContain('next:')
})

test('prints warnings escaped, and details only with --verbose', () => {
  expect(said(warning)).toBe('warning: the bucket is\\x1b elsewhere\n')
  expect(said(info)).toBe('')
  expect(said(info, { verbose: true })).toBe('note: B: a detail\n')
})

test('prints failures even with --quiet', () => {
  expect(said(failed, { quiet: true })).toBe('failed: B a\\x1bb: the body ended early\n')
  expect(said(stopped, { quiet: true })).toBe('account B failed\ncrosstrail: the body ended early\n')
  expect(said(warning, { quiet: true })).toBe('')
})

test('with JSON a stopped account is one JSON object', () => {
  expect(JSON.parse(said(stopped, { output: 'json' }))).toMatchObject({ error: { code: 'access.assume-role-denied' } })
})

test.each([
  [false, 'stopping: objects in progress are finished first; a second Ctrl-C stops at once\n'],
  [true, ''],
])('with quiet %s a stop prints %j', (quiet, text) => {
  const { controller, stderr } = talking(quiet)
  controller.abort()
  expect(stderr.text).toBe(text)
})

test('prints nothing about a closed stdout', () => {
  const { controller, stderr } = talking(false, 'output-closed')
  controller.abort()
  expect(stderr.text).toBe('')
})

test('a stop after the end prints nothing', () => {
  const { controller, stderr, talk } = talking(false)
  talk.stop()
  controller.abort()
  expect(stderr.text).toBe('')
})

test('--quiet has no summary', () => {
  const { talk, stderr } = talking(true)
  talk.finish(reportOf([]))
  expect(stderr.text).toBe('')
})

function talking(quiet: boolean, reason: StopReason = 'SIGINT') {
  const stderr = new Sink()
  const controller = new AbortController()
  const talk = startTalk({
    stdout: new Sink(),
    stderr,
    env: {},
    output: { output: 'table', quiet, verbose: false, noColor: true },
    resultsOnStdout: false,
    failuresOnStdout: false,
    moves: true,
    signal: controller.signal,
    stop: () => reason,
  })
  return { stderr, controller, talk }
}

test('prints the error that ended a run, even with --quiet', () => {
  const stderr = new Sink()
  const talk = startTalk({
    stdout: new Sink(),
    stderr,
    env: {},
    output: { output: 'table', quiet: true, verbose: false, noColor: true },
    resultsOnStdout: false,
    failuresOnStdout: false,
    moves: true,
    signal: new AbortController().signal,
    stop: () => undefined,
  })
  talk.finish({ ...reportOf([]), error: failure('disk.full') })
  expect(stderr.text).toContain('crosstrail: the body ended early')
})

test.each([
  ['dumb', false],
  ['xterm', true],
])('with TERM=%s bars are drawn: %s', async (TERM, drawn) => {
  const stderr = Object.assign(new Sink(), { isTTY: true, columns: 80 })
  const talk = startTalk({
    stdout: new Sink(),
    stderr,
    env: { TERM },
    output: { output: 'table', quiet: false, verbose: false, noColor: true },
    resultsOnStdout: false,
    failuresOnStdout: false,
    moves: true,
    signal: new AbortController().signal,
    stop: () => undefined,
  })
  talk.listener({ type: 'listed', account: 'B', objects: 2, bytes: 10 })
  await new Promise((resolve) => setTimeout(resolve, 300))
  talk.stop()
  expect(stderr.text.includes('[')).toBe(drawn)
})

test('prints questions through the progress display, and to stderr after its end', () => {
  const stderr = new Sink()
  const speaker = new Speaker(stderr)
  const lend = vi.spyOn(speaker, 'lendTo')
  const talk = startTalk({
    stdout: new Sink(),
    stderr,
    env: {},
    output: { output: 'table', quiet: true, verbose: false, noColor: true },
    resultsOnStdout: false,
    failuresOnStdout: false,
    moves: true,
    signal: new AbortController().signal,
    stop: () => undefined,
    speaker,
  })
  const [view] = lend.mock.calls[0] ?? []
  const say = vi.spyOn(view as { say(text: string): void }, 'say')
  speaker.say('asked')
  expect(say).toHaveBeenCalledWith('asked')
  talk.stop()
  speaker.say('after')
  expect(say).toHaveBeenCalledTimes(1)
  expect(stderr.lines).toEqual(['asked', 'after'])
})
