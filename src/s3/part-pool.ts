/**
 * Runs `task` on the items of `source`, at most `concurrency` at once, and reads the source no further ahead. After the first failure it
 * reads no more, calls `stop`, closes the source, and throws the failure once all running tasks have ended.
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
