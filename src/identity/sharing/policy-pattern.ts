/** A pattern of a policy, as what it matches: letters, `*` (any run), `?` (one letter), and variables that only AWS can fill in. */
export type PolicyPattern = readonly PatternPart[]

type PatternPart = { readonly letter: string } | { readonly variable: string } | 'any' | 'one'

/** Reads a pattern in which `*` and `?` stand for others, and `${*}`, `${?}`, `${$}` for themselves. */
export function wildcardPattern(text: string): PolicyPattern {
  const parts: PatternPart[] = []
  for (const [piece] of text.matchAll(/\$\{[^}]*\}|[^]/gu)) {
    if (piece === '*') parts.push('any')
    else if (piece === '?') parts.push('one')
    else if (piece.length > 3 && piece.startsWith('${')) parts.push(variablePart(piece))
    else parts.push({ letter: piece })
  }
  return normalized(parts)
}

/** A text that matches itself alone. Variables are filled in here too. */
export function literalPattern(text: string): PolicyPattern {
  return [...text.matchAll(/\$\{[^}]*\}|[^]/gu)].map(([piece]) =>
    piece.startsWith('${') ? variablePart(piece) : { letter: piece },
  )
}

export function hasWildcard(pattern: PolicyPattern): boolean {
  return pattern.includes('any') || pattern.includes('one')
}

/** Whether a part of it only AWS can fill in. */
export function hasVariable(pattern: PolicyPattern): boolean {
  return pattern.some((part) => typeof part === 'object' && 'variable' in part)
}

export function lowerCase(pattern: PolicyPattern): PolicyPattern {
  return pattern.map((part) =>
    typeof part === 'object' && 'letter' in part ? { letter: part.letter.toLowerCase() } : part,
  )
}

/**
 * Whether every text that `inner` matches is matched by `outer`. A yes is certain; a no may be wrong only where `?` stands beside `*`,
 * or where a variable would have to be filled in.
 */
export function covers(outer: PolicyPattern, inner: PolicyPattern): boolean {
  return afterCommonStart(outer, inner, false)
}

/** Whether some text is matched by both, whatever variables may stand for. */
export function overlaps(one: PolicyPattern, other: PolicyPattern): boolean {
  return afterCommonStart(one, other, true)
}

/** Nearly all patterns begin with letters: where these differ, or are all there is, the walk is spared. */
function afterCommonStart(outer: PolicyPattern, inner: PolicyPattern, eitherWay: boolean): boolean {
  let start = 0
  for (; start < outer.length && start < inner.length; start++) {
    const [one, other] = [outer[start], inner[start]]
    if (typeof one !== 'object' || typeof other !== 'object' || !('letter' in one) || !('letter' in other)) break
    if (one.letter !== other.letter) return false
  }
  return walk(outer.slice(start), inner.slice(start), eitherWay)
}

/** Row by row over both: `reached[j]` tells whether the parts of `outer` so far can stand for the first j of `inner`. */
function walk(outer: PolicyPattern, inner: PolicyPattern, eitherWay: boolean): boolean {
  const free = (part: PatternPart | undefined): boolean =>
    part === 'any' || (eitherWay && typeof part === 'object' && 'variable' in part)
  let reached = [true, ...inner.map(() => false)]
  if (eitherWay) spread(reached, inner, free)
  for (const part of outer) {
    const next = inner.map(() => false)
    const row = [free(part) && reached[0] === true, ...next]
    for (const [index, against] of inner.entries()) {
      row[index + 1] = free(part)
        ? reached[index + 1] === true || row[index] === true
        : eitherWay && free(against)
          ? row[index] === true || reached[index] === true || reached[index + 1] === true
          : reached[index] === true && standsFor(part, against, eitherWay)
    }
    if (eitherWay) spread(row, inner, free)
    reached = row
  }
  return reached.at(-1) === true
}

/** What is free of `inner` may stand for nothing. */
function spread(row: boolean[], inner: PolicyPattern, free: (part: PatternPart) => boolean): void {
  for (const [index, part] of inner.entries()) if (row[index] === true && free(part)) row[index + 1] = true
}

function standsFor(part: PatternPart, against: PatternPart, eitherWay: boolean): boolean {
  if (part === 'any' || against === 'any') return false
  if (part === 'one') return against === 'one' || 'letter' in against
  if (against === 'one') return eitherWay && 'letter' in part
  if ('variable' in part) return 'variable' in against && part.variable === against.variable
  return 'letter' in against && part.letter === against.letter
}

function variablePart(piece: string): PatternPart {
  const name = piece.slice(2, -1)
  return name === '*' || name === '?' || name === '$' ? { letter: name } : { variable: name.toLowerCase() }
}

/** In a run of `*` and `?` the `?` first and one `*` last: the same texts, one way to write it. */
function normalized(parts: readonly PatternPart[]): PolicyPattern {
  const result: PatternPart[] = []
  let anyPending = false
  for (const part of parts) {
    if (part === 'any') anyPending = true
    else if (part === 'one') result.push(part)
    else {
      if (anyPending) result.push('any')
      anyPending = false
      result.push(part)
    }
  }
  return anyPending ? [...result, 'any'] : result
}
