import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How much more the heap holds once something was made, all garbage gone. */
export function heldBytes(make: () => unknown): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const made = [make()]
  collect()
  const held = process.memoryUsage().heapUsed - before
  return made.length === 1 ? held : Number.NaN
}

const pageBytes = 500_000

/** Texts as a listing gives them: each cut from a page of its own. */
export function* cutFromPages(count: number, text: (index: number) => string): Generator<string> {
  for (let index = 0; index < count; index++) {
    const page = Buffer.from('x'.repeat(pageBytes) + text(index)).toString('latin1')
    yield page.slice(pageBytes)
  }
}
