/** Returns the entry of `known` that `word` probably means: at most two typing errors away. Ignores case, `-` and `_`. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  return suggestions(word, known)[0]
}

/** Returns all entries that are as near as the nearest one. */
export function suggestions(word: string, known: readonly string[]): string[] {
  const plain = simplify(word)
  // With two errors, a word of three letters is another word.
  const limit = Math.min(2, Math.floor(plain.length / 3))
  let best: string[] = []
  let bestErrors = limit
  for (const candidate of known) {
    const errors = typingErrors(plain, simplify(candidate))
    if (errors > bestErrors) continue
    if (errors < bestErrors) best = []
    best.push(candidate)
    bestErrors = errors
  }
  return best
}

function simplify(word: string): string {
  return word
    .slice(0, 40)
    .toLowerCase()
    .replace(/[-_\s]/g, '')
}

/** The Damerau–Levenshtein distance: insertions, deletions, replacements and swaps of neighbors. */
function typingErrors(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const now = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      now[column] = Math.min(
        (last[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    ;[before, last] = [last, now]
  }
  return last[to.length] ?? 0
}
