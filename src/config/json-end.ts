/**
 * Where a text stops being JSON; undefined for JSON. V8 has no place for some faults, so this looks for the longest beginning that only lacks
 * its end.
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

/** Where V8 refuses a text: at its end if more may follow, at 0 if V8 does not say. Nothing else of its message is used, for it quotes the text. */
function jsonRefusedAt(text: string): number | undefined {
  try {
    return JSON.parse(text) === undefined ? 0 : undefined
  } catch (error) {
    const { message } = error as SyntaxError
    if (message === 'Unexpected end of JSON input') return text.length
    return Number(/^[^"]* in JSON at position (\d+)/.exec(message)?.[1] ?? 0)
  }
}
