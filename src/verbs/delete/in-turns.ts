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
