/**
 * Returns the offset of the first error in a JSON text; undefined for valid JSON.
 * V8 gives no position for some errors, so this searches for the longest beginning that is only incomplete.
 */
export function whereJsonEnds(text: string): number | undefined {
  if (jsonRefusedAt(text) === undefined) return undefined
  let [good, bad] = [0, text.length + 1]
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if ((jsonRefusedAt(text.slice(0, middle)) ?? middle) >= middle) good = middle
    else bad = middle
  }
  return good
}

/** The offset at which V8 refuses a text: the end if it is incomplete, 0 if V8 gives none. The message is not used further: it quotes the text. */
function jsonRefusedAt(text: string): number | undefined {
  try {
    return JSON.parse(text) === undefined ? 0 : undefined
  } catch (error) {
    const { message } = error as SyntaxError
    if (message === 'Unexpected end of JSON input') return text.length
    return Number(/^[^"]* in JSON at position (\d+)/.exec(message)?.[1] ?? 0)
  }
}
