import { suggest } from '../config/suggest.ts'
import { CrosstrailError } from '../error.ts'
import type { Command } from './command.ts'

/** The command of that name. Throws `usage.unknown-command`. */
export function commandNamed(name: string, commands: readonly Command[]): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  const names = commands.map((candidate) => candidate.name)
  const near = suggest(name, names)
  throw new CrosstrailError('usage.unknown-command', `unknown command ${JSON.stringify(name)}`, {
    hint: near === undefined ? `the commands are ${names.join(', ')}` : `did you mean ${near}?`,
    facts: { command: name },
  })
}
