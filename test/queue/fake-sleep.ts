/** The `setTimeout` of `node:timers/promises` on the global timers, so that a test's fake timers move it. */
export async function setTimeout(
  delayMs: number,
  value?: unknown,
  { signal }: { signal?: AbortSignal } = {},
): Promise<unknown> {
  let give: () => void = () => undefined
  try {
    return await new Promise((resolve, reject) => {
      const timer = globalThis.setTimeout(() => resolve(value), delayMs)
      give = () => {
        clearTimeout(timer)
        reject(new Error('aborted'))
      }
      if (signal?.aborted === true) give()
      else signal?.addEventListener('abort', give, { once: true })
    })
  } finally {
    signal?.removeEventListener('abort', give)
  }
}
