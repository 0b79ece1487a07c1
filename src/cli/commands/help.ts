import type { Command } from '../command.ts'
import { commandNamed } from '../command-named.ts'
import { commandHelp, generalHelp } from '../help-page.ts'
import { printText } from '../print-text.ts'

const examples = [
  { does: 'Show all commands', line: 'crosstrail help' },
  { does: 'Show the help of one command', line: 'crosstrail help list' },
]

/** The command `help`. It is itself in the list of commands, so it gets the list through a function. */
export function helpCommand(
  commands: () => readonly Command[],
): Command<Record<string, never>, { readonly of: Command | undefined }> {
  return {
    name: 'help',
    summary: 'Show all commands, or the help of one command',
    notes: ['The option --help of a command prints the same help.'],
    examples,
    positionals: {
      usage: '[command]',
      description: 'The name of a command; without it, all commands are shown',
      max: 1,
      complete: { from: 'commands' },
    },
    options: {},

    check(_values, [name]) {
      return { of: name === undefined ? undefined : commandNamed(name, commands()) }
    },

    run({ of }, { stdout }) {
      const { columns } = stdout
      return printText(stdout, of === undefined ? generalHelp(commands(), columns) : commandHelp(of, columns))
    },
  }
}
