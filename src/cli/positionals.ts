import { CrosstrailError } from '../error.ts'
import { shellWord } from '../trail/shell-word.ts'
import type { Command, Positionals } from './command.ts'
import type { GivenArguments } from './option.ts'
import { suggestedCommand } from './suggested-command.ts'

export const accountPositionals: Positionals = {
  usage: '[account…]',
  description: 'Labels of accounts in the config. Default: all accounts',
  max: Number.POSITIVE_INFINITY,
  complete: { from: 'accounts' },
}

/** Throws `usage.extra-argument` for positionals that a command does not take. */
export function refuseExtraPositionals(
  command: Command,
  positionals: readonly string[],
  typed: GivenArguments = new Map(),
): void {
  const most = command.positionals?.max ?? 0
  const extra = positionals[most]
  if (extra === undefined) return
  const message = `${command.name} does not take the argument ${JSON.stringify(extra)}`
  throw new CrosstrailError('usage.extra-argument', message, {
    hint:
      command.positionals?.commandLine === true
        ? `put two dashes before the command: ${dashed(command, positionals.slice(0, most), typed)} -- ${positionals.slice(most).map(shellWord).join(' ')}`
        : `to see its arguments: crosstrail ${command.name} --help`,
    facts: { command: command.name, argument: extra },
  })
}

function dashed({ name, options }: Command, own: readonly string[], typed: GivenArguments): string {
  return suggestedCommand([name, ...own], typed, options)
}
