/** Yields each field name and each value at any depth. A number, a boolean or null is converted to text. */
export function* textsOf(value: unknown): Generator<string> {
  // A list instead of recursion, because records may be nested too deep for the stack.
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') yield next
    else if (typeof next !== 'object' || next === null) yield String(next)
    else if (Array.isArray(next)) for (const item of next) left.push(item)
    else {
      for (const [name, item] of Object.entries(next)) {
        yield name
        left.push(item)
      }
    }
  }
}

/** Yields each value that is a string, at any depth. */
export function* stringValuesOf(value: unknown): Generator<string> {
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') yield next
    else if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) left.push(item)
  }
}
