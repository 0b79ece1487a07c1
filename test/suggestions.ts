import { execFileSync } from 'node:child_process'
import { commandList } from '../src/cli/command-list.ts'
import { parseArguments } from '../src/cli/parser.ts'
import { refuseExtraPositionals } from '../src/cli/positionals.ts'
import { readOptions } from '../src/cli/read-options.ts'

const names = commandList.map(({ name }) => name).join('|')
const command = new RegExp(`crosstrail (?:${names})\\b`, 'g')
/** A command to be run stands behind a colon, a prompt or `or`, or alone on an indented line. */
const suggested = new RegExp(`(?:: |\\$ |, or |^ {2,})(crosstrail (?:${names})\\b.*?)(?=$|; |, or |\\?)`, 'gm')

/** The commands that a text suggests. Throws for a command that it only mentions: nobody could tell where it ends. */
export function suggestionsIn(text: string): readonly string[] {
  const found = [...text.matchAll(suggested)].map(([, line = '']) => line)
  const mentioned = [...text.matchAll(command)].length
  const inFound = found.reduce((sum, line) => sum + [...line.matchAll(command)].length, 0)
  if (mentioned > inFound) throw new Error(`a command stands among other words: ${text}`)
  return found
}

/** Rejects if a shell and the real parser do not take the command as it is printed. */
export async function tryCommand(line: string): Promise<void> {
  // The shell is to split words, and to do nothing else.
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
