/** Where a text stops being JSON. */
export interface JsonFault {
  /** In UTF-16 code units from the start. */
  readonly offset: number
  readonly expected: string
}

/** The first place where a text breaks RFC 8259, or nests deeper than `maxDepth`; undefined for JSON. Quotes nothing of the text. */
export function findJsonFault(text: string, maxDepth: number): JsonFault | undefined {
  const closers: ('}' | ']')[] = []
  let offset = 0
  let wants: Want = 'value'
  for (;;) {
    offset = skip(space, text, offset)
    if (wants === 'end') return offset === text.length ? undefined : { offset, expected: 'nothing after the value' }
    const char = text[offset]
    if (wants === 'comma' || wants === 'value or close' || wants === 'key or close') {
      const closer = closers.at(-1)
      if (char === closer) {
        closers.pop()
        offset += 1
        wants = closers.length === 0 ? 'end' : 'comma'
        continue
      }
      if (wants === 'comma') {
        if (char !== ',') return { offset, expected: `a comma or ${closer === '}' ? 'a closing }' : 'a closing ]'}` }
        offset += 1
        wants = closer === '}' ? 'key' : 'value'
        continue
      }
    }
    if (wants === 'key' || wants === 'key or close') {
      const colon = skip(space, text, skip(string, text, offset))
      if (skip(string, text, offset) === offset) return { offset, expected: 'a key in double quotes' }
      if (text[colon] !== ':') return { offset: colon, expected: 'a colon' }
      offset = colon + 1
      wants = 'value'
      continue
    }
    if (char === '{' || char === '[') {
      closers.push(char === '{' ? '}' : ']')
      if (closers.length > maxDepth) return { offset, expected: `at most ${maxDepth} levels` }
      offset += 1
      wants = char === '{' ? 'key or close' : 'value or close'
      continue
    }
    const end = skip(scalar, text, offset)
    if (end === offset)
      return { offset, expected: 'a value: text in double quotes, a number, true, false, null, { or [' }
    offset = end
    wants = closers.length === 0 ? 'end' : 'comma'
  }
}

type Want = 'value' | 'value or close' | 'key' | 'key or close' | 'comma' | 'end'

const space = /[ \t\n\r]*/y
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y
const scalar = new RegExp(
  `${string.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[Ee][+-]?\\d+)?(?![\\w.+-])|(?:true|false|null)(?!\\w)`,
  'y',
)

/** The offset after what the pattern takes; the same offset where it takes nothing. */
function skip(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset
  return pattern.test(text) ? pattern.lastIndex : offset
}
