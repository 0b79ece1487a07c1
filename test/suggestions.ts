import { execFileSync } from 'node:child_process'
import { commandList } from '../src/cli/command-list.ts'
import { parseArguments } from '../src/cli/parser.ts'
import { refuseExtraPositionals } from '../src/cli/positionals.ts'
import { readOptions } from '../src/cli/read-options.ts'

const names = commandList.map(({ name }) => name).join('|')
const command = new RegExp(`crosstrail (?:${names})\\b`, 'g')
/** A suggested command follows a colon, a prompt or `or`, or is alone on an indented line. */
const suggested = new RegExp(`(?:: |\\$ |, or |^ {2,})(crosstrail (?:${names})\\b.*?)(?=$|; |, or |\\?)`, 'gm')

/** Returns the commands that a text suggests. Throws if a text only mentions a command, because its end would be unclear. */
export function suggestionsIn(text: string): readonly string[] {
  // A field that holds only a command.
  if (/^crosstrail [^\n]*$/.test(text) && [...text.matchAll(command)].length === 1) return [text]
  const found = [...text.matchAll(suggested)].map(([, line = '']) => line)
  const mentioned = [...text.matchAll(command)].length
  const inFound = found.reduce((sum, line) => sum + [...line.matchAll(command)].length, 0)
  if (mentioned > inFound) throw new Error(`a command among other words: ${text}`)
  return found
}

/** Rejects if a shell and the real parser do not take the command as it is printed. */
export async function tryCommand(line: string): Promise<void> {
  // The shell must only split words.
  if (/[<>|&;$`()\n]/.test(line.replaceAll(/'[^']*'/g, ''))) throw new Error(`more than a plain command: ${line}`)
  const words = execFileSync('sh', ['-c', `crosstrail() { printf '%s\\0' "$@"; }; ${line}`], { encoding: 'utf8' })
  const argv = words.split('\0').slice(0, -1)
  const { commandName, positionals, commandLine, given } = await parseArguments(argv, commandList)
  if (given.has('help')) return
  const named = commandList.find(({ name }) => name === commandName)
  if (named === undefined) throw new Error(`no command ${commandName}`)
  const values = readOptions(named.options, given, {})
  refuseExtraPositionals(named, positionals)
  named.check(values, positionals, Date.now(), commandLine)
}
