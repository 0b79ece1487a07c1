import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { barText, progressBars, progressLines } from '../../../src/cli/render/progress.ts'
import { ProgressState } from '../../../src/cli/render/progress-state.ts'
import { Sink } from '../host.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function started(): ProgressState {
  const state = new ProgressState(() => 1000)
  state.take({ type: 'listed', account: 'B', objects: 10, bytes: 100 })
  return state
}

test('without a terminal prints a line every five seconds, and none after the end', () => {
  const sink = new Sink()
  const view = progressLines(sink, started())
  vi.advanceTimersByTime(4999)
  expect(sink.lines).toEqual([])
  vi.advanceTimersByTime(5001)
  expect(sink.lines).toEqual(['B: 0 of 10+ objects', 'B: 0 of 10+ objects'])
  view.stop()
  vi.advanceTimersByTime(60_000)
  expect(sink.lines).toHaveLength(2)
})

test('on a terminal prints lines above the bars, and nothing moves after the end', () => {
  const terminal = Object.assign(new Sink(), { isTTY: true, columns: 80, cursorTo: () => true, moveCursor: () => true })
  const view = progressBars(terminal, started())
  vi.advanceTimersByTime(300)
  view.say('a warning')
  view.stop()
  expect(terminal.text).toContain('B: 0 of 10+ objects')
  expect(terminal.text).toContain('a warning\n')
  const end = terminal.text
  vi.advanceTimersByTime(10_000)
  expect(terminal.text).toBe(end)
})

test('a bar is never wider than the terminal', () => {
  const [line] = started().lines()
  if (line === undefined) throw new Error('no line')
  expect(barText({ ...line, text: 'B: 5 of 10+ objects, 12 MB, 3.4 MB/s' }, 40)).toHaveLength(39)
  expect(barText({ ...line, settled: 5, text: 'B: 5 of 10+' }, 80)).toMatch(/^\[={10} {10}\] B: 5 of 10\+/)
})
