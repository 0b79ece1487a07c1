import { type EventEmitter, setMaxListeners } from 'node:events'
import type { Writable } from 'node:stream'
import { CrosstrailError } from '../error.ts'
import { exitCodeOfStop, type StopReason } from './exit-code.ts'
import { isClosedPipe } from './render/line-writer.ts'

export interface StopWatch {
  /** Aborted by the first signal, or when stdout fails. Its reason is a CrosstrailError `interrupted`. */
  readonly signal: AbortSignal
  /** What stopped it; undefined while nothing has. */
  readonly stop: () => StopReason | undefined
  /** What a SIGINT does: for Ctrl-C where the terminal hands it over as a key. */
  readonly interrupt: () => void
  dispose(): void
}

/**
 * Listens for SIGINT and SIGTERM on `host`, and for the failure of stdout.
 *
 * The first signal aborts, so that a run may end in order; the second exits with 130 or 143 at once.
 */
export function watchForStop(
  host: EventEmitter & { readonly stdout: Writable; readonly stderr: Writable; exit(code: number): void },
): StopWatch {
  const { stdout, stderr } = host
  const controller = new AbortController()
  // Every call in flight listens to it
  setMaxListeners(0, controller.signal)
  let reason: StopReason | undefined
  let signals = 0
  const abort = (stop: StopReason, message: string) => {
    reason ??= stop
    controller.abort(new CrosstrailError('interrupted', message, { facts: { by: stop } }))
  }
  const onSignal = (name: 'SIGINT' | 'SIGTERM') => {
    signals++
    if (signals > 1) host.exit(exitCodeOfStop(name))
    else abort(name, `stopped by ${name}`)
  }
  const onSigint = () => onSignal('SIGINT')
  const onSigterm = () => onSignal('SIGTERM')
  // Any other failure of stdout is kept by the writer, which throws it at its end: here it only stops the run
  const onOutputError = (error: Error) =>
    abort('output-closed', isClosedPipe(error) ? 'the reader of stdout has gone' : 'stdout cannot be written')
  host.on('SIGINT', onSigint)
  host.on('SIGTERM', onSigterm)
  stdout.on('error', onOutputError)
  // That nobody hears the talk stops nothing
  stderr.on('error', () => undefined)
  return {
    signal: controller.signal,
    stop: () => reason,
    interrupt: onSigint,
    dispose() {
      host.off('SIGINT', onSigint)
      host.off('SIGTERM', onSigterm)
    },
  }
}
