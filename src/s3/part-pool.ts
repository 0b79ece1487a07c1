/**
 * Runs `task` on what `source` yields, at most `concurrency` at once, and pulls no further ahead than that. After the first failure
 * nothing more is pulled, `stop` is called, the source is let go, and the failure is thrown once everything under way has ended.
 */
export async function inParallel<T>(
  source: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  task: (item: T) => Promise<void>,
  stop: () => void,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown): void => {
    failure ??= { error }
    stop()
  }
  try {
    for await (const item of source) {
      if (failure !== undefined) break
      const running = task(item)
        .catch(fail)
        .finally(() => underWay.delete(running))
      underWay.add(running)
      if (underWay.size >= concurrency) await Promise.race(underWay)
      if (failure !== undefined) break
    }
  } catch (error) {
    fail(error)
  }
  await Promise.all(underWay)
  if (failure !== undefined) throw failure.error
}
