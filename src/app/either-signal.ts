import { setMaxListeners } from 'node:events'

/**
 * Runs `act` with a signal that is aborted when one of two is. `AbortSignal.any` would keep what listens to it in memory for as long as one of the two
 * lives, and the signal of an app may live for months.
 */
export async function withEitherSignal<T>(
  signals: readonly [AbortSignal, AbortSignal],
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController()
  // Many parts of a run listen to the same signal.
  setMaxListeners(0, ...signals)
  const aborts = signals.map((signal) => ({ signal, abort: () => either.abort(signal.reason) }))
  for (const { signal, abort } of aborts) {
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  try {
    return await act(either.signal)
  } finally {
    for (const { signal, abort } of aborts) signal.removeEventListener('abort', abort)
  }
}
