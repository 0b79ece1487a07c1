/** A value of a filter: `*` stands for any characters, and `?` for one. A backslash before them makes them ordinary. Plain data. */
export type TextPattern = string

interface Piece {
  readonly type: 'text' | 'any' | 'one'
  readonly text: string
}

/** Returns a matcher for whole texts. It is case-sensitive, like the names of AWS. */
export function patternMatcher(pattern: TextPattern): (text: string) => boolean {
  const pieces = piecesOf(pattern)
  const [only] = pieces
  if (pieces.length === 0) return (text) => text === ''
  if (pieces.length === 1 && only?.type === 'text') return (text) => text === only.text
  return pieces.some(({ type }) => type === 'one') ? characterMatcher(pieces) : runMatcher(pieces)
}

/**
 * For patterns without `?`: finds the first text at the start, the last one at the end, and the others between them from left to right. The
 * time of a regular expression would grow with each `*`.
 */
function runMatcher(pieces: readonly Piece[]): (text: string) => boolean {
  const texts = pieces.flatMap(({ type, text }) => (type === 'text' ? [text] : []))
  const head = pieces[0]?.type === 'text' ? (texts.shift() ?? '') : ''
  const tail = pieces.at(-1)?.type === 'text' ? (texts.pop() ?? '') : ''
  return (text) => {
    if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false
    const end = text.length - tail.length
    let at = head.length
    for (const middle of texts) {
      const found = text.indexOf(middle, at)
      if (found === -1 || found + middle.length > end) return false
      at = found + middle.length
    }
    return true
  }
}

/** For all patterns. If a character does not match, it goes back to the last `*` only, so the steps are at most the product of both lengths. */
function characterMatcher(pieces: readonly Piece[]): (text: string) => boolean {
  const wanted: (string | symbol)[] = pieces.flatMap(({ type, text }): (string | symbol)[] =>
    type === 'text' ? Array.from(text) : [type === 'any' ? many : one],
  )
  return (text) => {
    const characters = Array.from(text)
    let at = 0
    let next = 0
    let star = -1
    let resumeAt = 0
    while (at < characters.length) {
      if (wanted[next] === many) {
        star = next++
        resumeAt = at
      } else if (wanted[next] === one || (next < wanted.length && wanted[next] === characters[at])) {
        at++
        next++
      } else if (star !== -1) {
        next = star + 1
        at = ++resumeAt
      } else {
        return false
      }
    }
    while (wanted[next] === many) next++
    return next === wanted.length
  }
}

const many = Symbol('any characters')
const one = Symbol('one character')

/** Returns the longest text that each match contains, and whether it is the whole match. Empty if the pattern has only wildcards. */
export function literalOf(pattern: TextPattern): { readonly text: string; readonly isWhole: boolean } {
  const pieces = piecesOf(pattern)
  const texts = pieces.flatMap(({ type, text }) => (type === 'text' ? [text] : []))
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), '')
  return { text: longest, isWhole: pieces.length === 1 && texts.length === 1 }
}

function piecesOf(pattern: TextPattern): Piece[] {
  const pieces: Piece[] = []
  let text = ''
  const push = (type: 'any' | 'one') => {
    if (text !== '') pieces.push({ type: 'text', text })
    text = ''
    pieces.push({ type, text: '' })
  }
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    if (character === '*') push('any')
    else if (character === '?') push('one')
    else if (character === '\\' && /[*?\\!]/.test(pattern.charAt(at + 1))) text += pattern.charAt(++at)
    else text += character
  }
  if (text !== '') pieces.push({ type: 'text', text })
  return pieces
}
