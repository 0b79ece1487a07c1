/** How much of the start of a text fits into a number of columns. */
type Fitting = (text: string, columns: number) => number

const byLength: Fitting = (text, columns) => Math.min(columns, text.length)

/**
 * Splits a text into pieces of at most `room` columns, at a space if there is one. The space is dropped. For text that may hold wide or
 * combining characters, pass `fittingLength`.
 */
export function wrapped(text: string, room: number, fitting = byLength): string[] {
  const pieces: string[] = []
  let rest = text
  for (;;) {
    const fits = fitting(rest, room)
    if (fits === rest.length) return [...pieces, rest]
    // A wide character gets a piece of its own if there is only one column. Otherwise the loop would not end.
    const length = Math.max(fits, String.fromCodePoint(rest.codePointAt(0) ?? 0).length)
    const space = rest.lastIndexOf(' ', length)
    const at = space > 0 ? space : length
    pieces.push(rest.slice(0, at))
    rest = rest.slice(space > 0 ? at + 1 : at)
    if (rest === '') return pieces
  }
}
