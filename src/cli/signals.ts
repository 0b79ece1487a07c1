import { type EventEmitter, setMaxListeners } from 'node:events'
import type { Writable } from 'node:stream'
import { CrosstrailError } from '../error.ts'
import { exitCodeOfStop, type StopReason } from './exit-code.ts'
import { isClosedPipe } from './render/line-writer.ts'

export interface StopWatch {
  /** Aborted by the first signal, or when stdout fails. Its reason is a CrosstrailError `interrupted`. */
  readonly signal: AbortSignal
  readonly stop: () => StopReason | undefined
  readonly interrupt: () => void
  readonly handOverSignals: HandOverSignals
  dispose(): void
}

export type HandOverSignals = (onSignal: (name: HandedSignal) => void) => () => void

/** The signals to pass on. SIGUSR1 is among them: without a listener it opens Node's debugger, in a process that has credentials. */
const handedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const

export type HandedSignal = (typeof handedSignals)[number]

/**
 * Listens for SIGINT and SIGTERM on `host`, and for a failure of stdout.
 *
 * The first signal aborts, so that a run can end in order. The second calls `beforeExit` and exits at once with 130 or 143.
 */
export function watchForStop(
  host: EventEmitter & { readonly stdout: Writable; readonly stderr: Writable; exit(code: number): void },
  beforeExit: () => void = () => undefined,
): StopWatch {
  const { stdout, stderr } = host
  const controller = new AbortController()
  // Every request in progress listens to it
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
  // The writer keeps any other failure of stdout and throws it at its end. Here it only stops the run
  const onOutputError = (error: Error) =>
    abort('output-closed', isClosedPipe(error) ? 'the reader of stdout closed it' : 'stdout cannot be written')
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
  // A closed stderr does not stop the run
  stderr.on('error', () => undefined)
  return {
    signal: controller.signal,
    stop: () => reason,
    interrupt: onSigint,
    handOverSignals(passOn) {
      const listeners = handedSignals.map((name) => [name, () => passOn(name)] as const)
      // Add before removing: without a listener, a signal would end the process
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
