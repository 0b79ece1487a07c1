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
  /** Gives signals to `onSignal` from now on: none of them stops the run then. The answered function takes them back. */
  readonly handOverSignals: HandOverSignals
  dispose(): void
}

export type HandOverSignals = (onSignal: (name: HandedSignal) => void) => () => void

/** What one may be sent, and pass on. SIGUSR1 among them: unheard, it would open Node's debugger on what holds credentials. */
const handedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const

export type HandedSignal = (typeof handedSignals)[number]

/**
 * Listens for SIGINT and SIGTERM on `host`, and for the failure of stdout.
 *
 * The first signal aborts, so that a run may end in order; the second exits with 130 or 143 at once, after `beforeExit`.
 */
export function watchForStop(
  host: EventEmitter & { readonly stdout: Writable; readonly stderr: Writable; exit(code: number): void },
  beforeExit: () => void = () => undefined,
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
    if (signals > 1) {
      beforeExit()
      host.exit(exitCodeOfStop(name))
    } else abort(name, `stopped by ${name}`)
  }
  const onSigint = () => onSignal('SIGINT')
  const onSigterm = () => onSignal('SIGTERM')
  // Any other failure of stdout is kept by the writer, which throws it at its end: here it only stops the run
  const onOutputError = (error: Error) =>
    abort('output-closed', isClosedPipe(error) ? 'the reader of stdout has gone' : 'stdout cannot be written')
  const watchSignals = () => {
    host.on('SIGINT', onSigint)
    host.on('SIGTERM', onSigterm)
  }
  const dispose = () => {
    host.off('SIGINT', onSigint)
    host.off('SIGTERM', onSigterm)
  }
  watchSignals()
  stdout.on('error', onOutputError)
  // That nobody hears the talk stops nothing
  stderr.on('error', () => undefined)
  return {
    signal: controller.signal,
    stop: () => reason,
    interrupt: onSigint,
    handOverSignals(passOn) {
      const listeners = handedSignals.map((name) => [name, () => passOn(name)] as const)
      // Never without a listener: the signal that came in between would end the process
      for (const [name, listener] of listeners) host.on(name, listener)
      dispose()
      return () => {
        watchSignals()
        for (const [name, listener] of listeners) host.off(name, listener)
      }
    },
    dispose,
  }
}
