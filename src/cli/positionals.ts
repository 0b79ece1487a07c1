import { CrosstrailError } from '../error.ts'
import type { Command, Positionals } from './command.ts'

/** The accounts a command works on. */
export const accountPositionals: Positionals = {
  usage: '[account…]',
  description: 'Labels of the config; all of them where none is given',
  max: Number.POSITIVE_INFINITY,
  complete: 'accounts',
}

/** Throws `usage.extra-argument` for positionals a command does not take. */
export function refuseExtraPositionals(command: Command, positionals: readonly string[]): void {
  const extra = positionals[command.positionals?.max ?? 0]
  if (extra === undefined) return
  throw new CrosstrailError(
    'usage.extra-argument',
    `${command.name} does not take the argument ${JSON.stringify(extra)}`,
    {
      hint:
        command.positionals?.commandLine === true
          ? `put two dashes before the command: crosstrail ${command.name} ${command.positionals.usage}`
          : `see crosstrail ${command.name} --help`,
      facts: { command: command.name, argument: extra },
    },
  )
}
