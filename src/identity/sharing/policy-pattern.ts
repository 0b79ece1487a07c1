/** A parsed pattern of a policy: letters, `*` (any text), `?` (one character), and variables that only AWS can fill in. */
export type PolicyPattern = readonly PatternPart[]

type PatternPart = { readonly letter: string } | { readonly variable: string } | 'any' | 'one'

/** Parses a pattern in which `*` and `?` are wildcards, and `${*}`, `${?}`, `${$}` mean the characters themselves. */
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

/** Returns a pattern that matches only the text itself. Variables are recognized here too. */
export function literalPattern(text: string): PolicyPattern {
  return [...text.matchAll(/\$\{[^}]*\}|[^]/gu)].map(([piece]) =>
    piece.startsWith('${') ? variablePart(piece) : { letter: piece },
  )
}

export function hasWildcard(pattern: PolicyPattern): boolean {
  return pattern.includes('any') || pattern.includes('one')
}

/** Returns whether only AWS can fill in a part of the pattern. */
export function hasVariable(pattern: PolicyPattern): boolean {
  return pattern.some((part) => typeof part === 'object' && 'variable' in part)
}

export function lowerCase(pattern: PolicyPattern): PolicyPattern {
  return pattern.map((part) =>
    typeof part === 'object' && 'letter' in part ? { letter: part.letter.toLowerCase() } : part,
  )
}

/** Returns whether `outer` matches every text that `inner` matches. `false` may be wrong, but only with `?` next to `*` or with variables. */
export function covers(outer: PolicyPattern, inner: PolicyPattern): boolean {
  return afterCommonStart(outer, inner, false)
}

/** Returns whether some text is matched by both, if variables may have any value. */
export function overlaps(one: PolicyPattern, other: PolicyPattern): boolean {
  return afterCommonStart(one, other, true)
}

/** Compares the literal start first: nearly all patterns begin with letters, and a difference there decides without the slower `walk`. */
function afterCommonStart(outer: PolicyPattern, inner: PolicyPattern, eitherWay: boolean): boolean {
  let start = 0
  for (; start < outer.length && start < inner.length; start++) {
    const [one, other] = [outer[start], inner[start]]
    if (typeof one !== 'object' || typeof other !== 'object' || !('letter' in one) || !('letter' in other)) break
    if (one.letter !== other.letter) return false
  }
  return walk(outer.slice(start), inner.slice(start), eitherWay)
}

/** Compares both row by row. `reached[j]` says whether the parts of `outer` so far can match the first j parts of `inner`. */
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

/** A free part of `inner` may match the empty text. */
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

/** Orders each run of `*` and `?`: the `?` first, then a single `*`. It matches the same texts and makes equal patterns identical. */
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
