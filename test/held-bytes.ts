import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Returns the growth of the heap after `make`, without garbage. */
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

/** Returns texts like those of a listing: each is a slice of its own page. */
export function* cutFromPages(count: number, text: (index: number) => string): Generator<string> {
  for (let index = 0; index < count; index++) {
    const page = Buffer.from('x'.repeat(pageBytes) + text(index)).toString('latin1')
    yield page.slice(pageBytes)
  }
}
