import type { Command } from '../command.ts'
import { commandNamed } from '../command-named.ts'
import { commandHelp, generalHelp } from '../help-page.ts'
import { printText } from '../print-text.ts'

const examples = [
  { does: 'Every command, on one page', line: 'crosstrail help' },
  { does: 'The options of one of them', line: 'crosstrail help list' },
]

/** `help`, which is one of the commands that it shows: so it is given them by a function. */
export function helpCommand(
  commands: () => readonly Command[],
): Command<Record<string, never>, { readonly of: Command | undefined }> {
  return {
    name: 'help',
    summary: 'Show all commands, or the help of one command',
    notes: ['The help of a command is also printed by its option --help.'],
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
