import { CrosstrailError } from '../error.ts'

/**
 * Returns the script that `/bin/sh` runs for a command template, with the path as its `$1`. `{}` stands for the path, already quoted; if
 * the template has none, the path comes last. Throws `usage.exec-template` if the path would not arrive as one argument, or if this cannot
 * be determined, and on Windows, which has no such shell.
 */
export function execScript(template: string, option = '--exec', platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') {
    throw new CrosstrailError('usage.exec-template', `${option} needs /bin/sh, and Windows has none`, {
      hint: 'omit it and process the files after the run, or run crosstrail in the Windows Subsystem for Linux',
      facts: { option },
    })
  }
  const scan = scanTemplate(template, (why, part, hint) => {
    const shown = part.trim().replaceAll(/\s+/g, ' ')
    const message = `${option} has ${why}: ${shown.length > shownCharacters ? `${shown.slice(0, shownCharacters)}…` : shown}`
    return new CrosstrailError('usage.exec-template', message, { hint: hint ?? scriptHint, facts: { option, part } })
  })
  return `crosstrail_path=$1; ${scan}`
}

const shownCharacters = 100
const scriptHint = "put the commands into a script and give --exec './script.sh {}'"
const quotesHint = 'remove the quotes around {}: the path is quoted already'
// A variable, because a function or `set` in the template has a `$1` of its own.
const quotedPath = '"$crosstrail_path"'

type Refusal = (why: string, part: string, hint?: string) => CrosstrailError

/** An expansion that is allowed in double quotes and holds no quote itself; other expansions are refused. */
const plainExpansion =
  /\$\(\([^(){}'"`\\$\n]*\)\)|\$\{[^{}"'`\\$\n]+\}|\$\((?![^)]*\bcase\b)(?:[^(){}"'`\\$#<\n]|\$\w)+\)|`(?:[^`{}"'\\$#<\n]|\$\w)+`/y
const expansion = /\$[([{]|`/y
const token =
  /(?<path>\{\})|(?<escaped>\\(?:\{\}|[^\n])?)|(?<ansi>\$'[^']*'?)|(?<plain>\$\(\([^(){}'"`\\$\n]*\)\)|\$\{[^{}"'`\\$\n]+\})|(?<hard>\$\[|\$\{|\$?\(\(|[)<>]#|<<)|(?<single>'[^']*'?)|(?<double>")|(?<backtick>`[^`]*`?)|(?<blank>[ \t\n]+)|(?<operator>[;&|<>(])|(?<word>[\s\S])/y

/** Returns the template with the path in it. It is parsed as `sh` parses it; constructs that are hard to parse are refused. */
function scanTemplate(template: string, refusal: Refusal): string {
  let script = ''
  let hasPath = false
  let last: 'none' | 'operator' | 'word' = 'none'
  let wordGoesOn = false
  let lastEnd = 0
  for (let at = 0; at < template.length;) {
    if (template[at] === '#' && !wordGoesOn) {
      const comment = upToLineEnd(template, at)
      if (comment.includes('{}')) throw refusal('{} in a comment', comment, 'remove the #')
      script += comment
      at += comment.length
      continue
    }
    token.lastIndex = at
    const groups = token.exec(template)?.groups ?? {}
    const text =
      groups['double'] === undefined ? tokenText(groups, template, at, refusal) : doubleQuoted(template, at, refusal)
    at += text.length
    script += groups['path'] === undefined ? text : quotedPath
    hasPath ||= groups['path'] !== undefined
    wordGoesOn = groups['blank'] === undefined && groups['operator'] === undefined
    if (groups['blank'] !== undefined) continue
    last = groups['operator'] === undefined || text === '<' ? 'word' : 'operator'
    lastEnd = script.length
  }
  if (hasPath) return script
  const end = script.slice(0, lastEnd)
  if (last === 'none') throw refusal('no command', template)
  if (script.slice(lastEnd).includes('#')) throw refusal('a comment in the place of the path', script.slice(lastEnd))
  if (last === 'operator') {
    throw refusal(`no {}, and ${end.at(-1)} in the place of the path`, template, 'write {} where the path belongs')
  }
  return `${end} ${quotedPath}`
}

function tokenText(
  groups: Readonly<Record<string, string | undefined>>,
  template: string,
  at: number,
  refusal: Refusal,
): string {
  const { escaped, ansi, hard, single, backtick } = groups
  const rest = upToLineEnd(template, at)
  if (escaped === '\\{}')
    throw refusal('{} after a backslash', escaped, 'remove the backslash: {} alone stands for the path')
  if (escaped === '\\') throw refusal('a backslash at the end of a line', upToLineEnd(template, 0))
  if (hard !== undefined) throw refusal(`${hard}, which crosstrail cannot parse`, rest)
  for (const quoted of [ansi, single]) {
    if (quoted === undefined) continue
    const kind = quoted === ansi ? "$'…' quotes" : 'single quotes'
    // Not all shells accept a backslash in $'…' as an escape, so they disagree on where it ends.
    if (quoted === ansi && quoted.includes('\\')) throw refusal("a backslash in $'…' quotes", rest)
    if (quoted.includes('{}')) throw refusal(`{} inside ${kind}`, quoted, quotesHint)
    if (!/'[^']*'$/.test(quoted)) throw refusal('a single quote that is not closed', quoted)
  }
  if (backtick !== undefined) checkBackticks(backtick, refusal)
  return Object.values(groups).find((text) => text !== undefined) ?? ''
}

function checkBackticks(text: string, refusal: Refusal): void {
  if (text.includes('{}')) throw refusal('{} inside backticks', text, 'write $(command {}) in place of the backticks')
  if (text.length < 2 || !text.endsWith('`')) throw refusal('a backtick that is not closed', text)
  if (text.includes('\\')) throw refusal('a backslash inside backticks', text)
  scanTemplate(text.slice(1, -1), refusal)
}

/** Returns the double-quoted text that begins at `start`, with its quotes. */
function doubleQuoted(template: string, start: number, refusal: Refusal): string {
  for (let at = start + 1; at < template.length;) {
    const rest = template.slice(at)
    plainExpansion.lastIndex = expansion.lastIndex = at
    const plain = plainExpansion.exec(template)?.[0]
    if (plain !== undefined) at += plain.length
    else if (expansion.test(template)) {
      const part = upToLineEnd(template, start)
      throw part.includes('{}')
        ? refusal('{} inside double quotes', part, quotesHint)
        : refusal('an expansion in double quotes that crosstrail cannot parse', part)
    } else if (rest.startsWith('{}')) {
      const end = template.indexOf('"', at)
      throw refusal('{} inside double quotes', template.slice(start, end === -1 ? undefined : end + 1), quotesHint)
    } else if (rest.startsWith('\\\n')) throw refusal('a backslash at the end of a line', upToLineEnd(template, at))
    else if (rest.startsWith('"')) return template.slice(start, at + 1)
    else at += rest.startsWith('\\') ? (rest[1] === '{' ? 1 : 2) : 1
  }
  throw refusal('a double quote that is not closed', template.slice(start))
}

function upToLineEnd(template: string, at: number): string {
  const end = template.indexOf('\n', at)
  return template.slice(at, end === -1 ? undefined : end)
}
