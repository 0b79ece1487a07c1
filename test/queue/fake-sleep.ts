/** The `setTimeout` of `node:timers/promises` on the global timers, so that a test's fake timers move it. */
export function setTimeout(
  delayMs: number,
  value?: unknown,
  { signal }: { signal?: AbortSignal } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = globalThis.setTimeout(() => resolve(value), delayMs)
    const give = () => {
      clearTimeout(timer)
      reject(new Error('aborted'))
    }
    if (signal?.aborted === true) give()
    else signal?.addEventListener('abort', give, { once: true })
  })
}
