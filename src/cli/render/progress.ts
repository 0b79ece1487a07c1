import { MultiBar, type SingleBar } from 'cli-progress'
import type { Output } from '../streams.ts'
import { terminalWidth } from './terminal-width.ts'
import { type ProgressRow, type ProgressState, progressText, totalOf } from './progress-state.ts'

export interface ProgressView {
  /** Writes lines to stderr without breaking the display. */
  say(text: string): void
  stop(): void
}

const redrawMs = 100
const barWidth = 20

export function progressBars(terminal: Output, state: ProgressState): ProgressView {
  const bars = new Map<string, SingleBar>()
  const multiBar = new MultiBar({
    stream: terminal,
    // A second signal exits at once, so the terminal must not need any cleanup
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
    clearOnComplete: true,
    emptyOnZero: true,
    format: (_options, _params, payload: { row: ProgressRow }) => barText(payload.row, terminalWidth(terminal) ?? 80),
  })
  const draw = () => {
    for (const row of state.rows()) {
      let bar = bars.get(row.account)
      if (bar === undefined) {
        bar = multiBar.create(totalOf(row), row.settled, { row })
        bars.set(row.account, bar)
      }
      bar.setTotal(totalOf(row))
      bar.update(row.settled, { row })
    }
  }
  const timer = setInterval(draw, redrawMs)
  timer.unref()
  return {
    say(text) {
      if (bars.size === 0) terminal.write(`${text}\n`)
      else multiBar.log(`${text}\n`)
    },
    stop() {
      clearInterval(timer)
      if (bars.size === 0) return
      draw()
      // Lines since the last redraw are still in the buffer of the bars
      multiBar.update()
      multiBar.stop()
    },
  }
}

/** Prints a line per account every few seconds, for a stream that is not a terminal. */
export function progressLines(stream: Output, state: ProgressState, everyMs = 5000): ProgressView {
  const timer = setInterval(() => {
    for (const row of state.rows()) stream.write(`${progressText(row)}\n`)
  }, everyMs)
  timer.unref()
  return {
    say: (text) => void stream.write(`${text}\n`),
    stop: () => clearInterval(timer),
  }
}

export function noProgress(stream: Output): ProgressView {
  return { say: (text) => void stream.write(`${text}\n`), stop: () => undefined }
}

/** A bar and its text, cut to the width of the terminal. */
export function barText(row: ProgressRow, columns: number): string {
  const share = totalOf(row) === 0 ? 0 : row.settled / totalOf(row)
  const filled = Math.round(share * barWidth)
  const bar = `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`
  return `${bar} ${progressText(row)}`.slice(0, Math.max(1, columns - 1))
}
