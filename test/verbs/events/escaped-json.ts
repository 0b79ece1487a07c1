/** Returns a number below the given one. */
export type Pick = (below: number) => number

const short: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
}

/** Writes a value as JSON in one of many spellings: with escapes that are not necessary, `\/`, uppercase hex digits, spaces between tokens. */
export function spelled(value: unknown, pick: Pick): string {
  const gap = () => (pick(12) === 0 ? ([' ', '\n', '\t', '\r\n  '][pick(4)] ?? '') : '')
  // Half of the records have no escape at all. Those are chosen by their bytes. Some escape only slashes.
  const style = (['plain', 'plain', 'any', 'slashes'] as const)[pick(4)]
  const write = (item: unknown): string => {
    if (typeof item === 'string') return text(item)
    if (Array.isArray(item)) return `[${gap()}${item.map((one) => `${write(one)}${gap()}`).join(',')}]`
    if (typeof item !== 'object' || item === null) return JSON.stringify(item) ?? 'null'
    const fields = Object.entries(item).map(([name, one]) => `${gap()}${text(name)}${gap()}:${gap()}${write(one)}`)
    return `{${fields.join(',')}${gap()}}`
  }
  const text = (string: string) =>
    `"${Array.from({ length: string.length }, (_, at) => unit(string.charAt(at), string, at)).join('')}"`
  const unit = (character: string, string: string, at: number): string => {
    if (style === 'any' && pick(6) === 0) return hex(character)
    if (style !== 'plain' && character === '/' && pick(2) === 0) return String.raw`\/`
    if (short[character] !== undefined) return short[character]
    const code = character.charCodeAt(0)
    if (code < 0x20) return hex(character)
    // A half of a pair is written as itself only beside the other half.
    if (code >= 0xd800 && code <= 0xdfff && !isPairAt(string, at)) return hex(character)
    return character
  }
  const hex = (character: string) => {
    const digits = character.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${pick(2) === 0 ? digits : digits.toUpperCase()}`
  }
  return write(value).replaceAll(/[\ud800-\udbff](?=\\u)|(?<=\\u[0-9a-fA-F]{4})[\udc00-\udfff]/g, hex)
}

function isPairAt(string: string, at: number): boolean {
  const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff
  const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff
  const code = string.charCodeAt(at)
  return isHigh(code) ? isLow(string.charCodeAt(at + 1)) : isHigh(string.charCodeAt(at - 1))
}
