import { Admission } from '../../work/admission.ts'

/** How many items of one list are read side by side. */
const mostAhead = 64

/** A larger item counts as this many bytes. Otherwise it would wait until no other list reads anything. */
const mostCounted = 2 * 1024 * 1024

/** What may be in memory of all lists of a run at a time: read, and not given yet. */
export function readingRoom(): Admission {
  return new Admission({ maxTasks: 256, maxBytes: 4 * 1024 * 1024 })
}

/** Reads the items of a list side by side, and gives the results in their order. */
export async function* readAhead<T extends { readonly sizeBytes: number }, R>(
  pages: AsyncIterable<readonly T[]>,
  read: (item: T) => Promise<R>,
  room: Admission,
): AsyncGenerator<R> {
  const ahead: { readonly result: Promise<R>; readonly bytes: number }[] = []
  try {
    for await (const page of pages) {
      for (const item of page) {
        const bytes = Math.min(item.sizeBytes, mostCounted)
        while (!room.enter(bytes)) {
          if (ahead.length > 0) yield* first(ahead, room)
          else await room.room()
        }
        const result = read(item)
        // It is awaited later. Until then a rejection must not count as unhandled.
        result.catch(() => undefined)
        ahead.push({ result, bytes })
        if (ahead.length >= mostAhead) yield* first(ahead, room)
      }
    }
    while (ahead.length > 0) yield* first(ahead, room)
  } finally {
    await Promise.allSettled(ahead.map(({ result }) => result))
    for (const { bytes } of ahead) room.leave(bytes)
  }
}

/** Its room is free only when the receiver comes back, because it has it in memory until then. */
async function* first<R>(
  ahead: { readonly result: Promise<R>; readonly bytes: number }[],
  room: Admission,
): AsyncGenerator<R> {
  const next = ahead[0]
  if (next === undefined) return
  const result = await next.result
  ahead.shift()
  try {
    yield result
  } finally {
    room.leave(next.bytes)
  }
}
