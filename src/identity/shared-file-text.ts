/**
 * Rewrites the text of `~/.aws/config` so that the SDK reads it as the AWS CLI does. By itself the SDK skips a profile whose name contains a
 * space or a quote, mistakes a name such as `constructor` for a property that every object has, and distinguishes the case of fields.
 */
export function configForSdk(text: string): string {
  return rewritten(text, (section) => {
    const name = /^profile\s+(.+)$/s.exec(section)?.[1]
    return name === undefined ? section : `profile ${nameForSdk(unquoted(name))}`
  })
}

/** Does the same for `~/.aws/credentials`, where the name of a section is the name of the profile. */
export function credentialsForSdk(text: string): string {
  return rewritten(text, nameForSdk)
}

const hexMark = 'crosstrail:'

/** Returns the name under which the SDK finds a profile. */
export function nameForSdk(name: string): string {
  const isPlain = /^[\w@+.%:/-]+$/.test(name) && !(name in {}) && !name.startsWith(hexMark)
  return isPlain ? name : `${hexMark}${Buffer.from(name).toString('hex')}`
}

/** Returns the name of a profile in its file, from the name that the SDK knows. */
export function nameFromSdk(name: string): string {
  return name.startsWith(hexMark) ? Buffer.from(name.slice(hexMark.length), 'hex').toString() : name
}

/** Returns a message of the SDK with the names of profiles as in their files. */
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
  // A comment starts at the beginning of the line or after whitespace, as in the SDK.
  const said = (line.split(/(?:^|\s)[;#]/)[0] ?? '').trim()
  if (said.startsWith('[') && said.endsWith(']')) return `[${sectionOf(said.slice(1, -1).trim())}]`
  const equals = said.indexOf('=')
  if (equals < 1) return line
  const name = said.slice(0, equals).trim().toLowerCase()
  const value = said.slice(equals + 1).trim()
  const indent = /^\s*/.exec(line)?.[0] ?? ''
  return `${indent}${name} = ${name === 'source_profile' ? nameForSdk(value) : value}`
}

/** Removes quotes as a shell does: `'my prof'`, `"my prof"`. Returns the name unchanged if a quote is not closed. */
function unquoted(name: string): string {
  const parts = [...name.matchAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)/gs)]
  if (parts.map(([whole]) => whole).join('') !== name) return name
  return parts
    .map(([, single, double, escaped, plain]) => single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? plain)
    .join('')
}
