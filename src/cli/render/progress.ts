import { MultiBar, type SingleBar } from 'cli-progress'
import type { Output } from '../streams.ts'
import { terminalWidth } from './terminal-width.ts'
import type { ProgressLine, ProgressSource } from './progress-state.ts'

export interface ProgressView {
  /** Writes lines to stderr without breaking the display. */
  say(text: string): void
  stop(): void
}

const redrawMs = 100
const barWidth = 20

export function progressBars(terminal: Output, source: ProgressSource): ProgressView {
  const bars = new Map<string, SingleBar>()
  const multiBar = new MultiBar({
    stream: terminal,
    // A second signal exits at once, so the terminal must not need any cleanup
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
    clearOnComplete: true,
    emptyOnZero: true,
    format: (_options, _params, payload: { line: ProgressLine }) =>
      barText(payload.line, terminalWidth(terminal) ?? 80),
  })
  const draw = () => {
    for (const line of source.lines()) {
      let bar = bars.get(line.name)
      if (bar === undefined) {
        bar = multiBar.create(line.total, line.settled, { line })
        bars.set(line.name, bar)
      }
      bar.setTotal(line.total)
      bar.update(line.settled, { line })
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

/** Prints the lines every few seconds, for a stream that is not a terminal. */
export function progressLines(stream: Output, source: ProgressSource, everyMs = 5000): ProgressView {
  const timer = setInterval(() => {
    for (const { text } of source.lines()) stream.write(`${text}\n`)
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
export function barText({ settled, total, text }: ProgressLine, columns: number): string {
  const share = total === 0 ? 0 : settled / total
  const filled = Math.round(share * barWidth)
  const bar = `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`
  return `${bar} ${text}`.slice(0, Math.max(1, columns - 1))
}
