import { setImmediate } from 'node:timers/promises'
import { CrosstrailError } from '../../error.ts'

const linesPerTurn = 5_000

/** The same lines, with a pause now and then in which signals are heard. Throws `interrupted` for one. `file`: what is read. */
export async function* inTurns<T>(lines: Iterable<T>, file: string, signal: AbortSignal): AsyncGenerator<T> {
  let count = 0
  for (const line of lines) {
    if (++count % linesPerTurn === 0) {
      await setImmediate()
      if (signal.aborted) throw new CrosstrailError('interrupted', `stopped while ${file} was read`)
    }
    yield line
  }
}

/** Those that are wanted, so many at a time. */
export async function* pagesInTurns<T>(
  lines: Iterable<T>,
  isWanted: (line: T) => boolean,
  size: number,
  file: string,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let page: T[] = []
  for await (const line of inTurns(lines, file, signal)) {
    if (!isWanted(line) || page.push(line) < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
