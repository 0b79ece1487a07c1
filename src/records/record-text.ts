/** Field names and values of a record that are text, or can be read as text, at any depth. Nested as deeply as JSON allows. */
export function* textsOf(value: unknown): Generator<string> {
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

/** The values that are text, at any depth. */
export function* stringValuesOf(value: unknown): Generator<string> {
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') yield next
    else if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) left.push(item)
  }
}
