/**
 * The text of `~/.aws/config` in words that the SDK reads: it skips a profile whose name holds a blank or a quote, takes a name that every
 * object has (`constructor`) for that, and minds the case of fields. The AWS CLI does none of it.
 */
export function configForSdk(text: string): string {
  return rewritten(text, (section) => {
    const name = /^profile\s+(.+)$/s.exec(section)?.[1]
    return name === undefined ? section : `profile ${nameForSdk(unquoted(name))}`
  })
}

/** The same of `~/.aws/credentials`, where a section's name is the profile's. */
export function credentialsForSdk(text: string): string {
  return rewritten(text, nameForSdk)
}

const hexMark = 'crosstrail:'

/** The name under which the SDK finds a profile. */
export function nameForSdk(name: string): string {
  const isPlain = /^[\w@+.%:/-]+$/.test(name) && !(name in {}) && !name.startsWith(hexMark)
  return isPlain ? name : `${hexMark}${Buffer.from(name).toString('hex')}`
}

/** The name of a profile as its file has it, from the one that the SDK knows. */
export function nameFromSdk(name: string): string {
  return name.startsWith(hexMark) ? Buffer.from(name.slice(hexMark.length), 'hex').toString() : name
}

/** Words of the SDK, with the names of profiles as their files have them. */
export function inOwnNames(words: string): string {
  return words.replaceAll(/crosstrail:(?:[0-9a-f]{2})+/g, nameFromSdk)
}

function rewritten(text: string, sectionOf: (section: string) => string): string {
  return text
    .split(/\r?\n/)
    .map((line) => rewrittenLine(line, sectionOf))
    .join('\n')
}

function rewrittenLine(line: string, sectionOf: (section: string) => string): string {
  // A comment begins with the line or after a blank, as the SDK has it.
  const said = (line.split(/(?:^|\s)[;#]/)[0] ?? '').trim()
  if (said.startsWith('[') && said.endsWith(']')) return `[${sectionOf(said.slice(1, -1).trim())}]`
  const equals = said.indexOf('=')
  if (equals < 1) return line
  const name = said.slice(0, equals).trim().toLowerCase()
  const value = said.slice(equals + 1).trim()
  const indent = /^\s*/.exec(line)?.[0] ?? ''
  return `${indent}${name} = ${name === 'source_profile' ? nameForSdk(value) : value}`
}

/** A name as a shell reads it: `'my prof'`, `"my prof"`. As it is written if a quote is not closed. */
function unquoted(name: string): string {
  const parts = [...name.matchAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)/gs)]
  if (parts.map(([whole]) => whole).join('') !== name) return name
  return parts
    .map(([, single, double, escaped, plain]) => single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? plain)
    .join('')
}
