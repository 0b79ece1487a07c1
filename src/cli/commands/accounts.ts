import { accounts as accountsVerb } from '../../verbs/accounts/accounts.ts'
import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { readOffline } from '../options/aws.ts'
import { configOptions } from '../options/config-option.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { accountPositionals } from '../positionals.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { type AccessArgs, openForCommand } from '../access-args.ts'

/** What `accounts` is asked for. */
export interface AccountsArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly labels: readonly string[]
}

const examples = [
  { does: 'The accounts of the config, every default filled in', line: 'crosstrail accounts' },
  { does: 'One of them as JSON', line: 'crosstrail accounts Z --output json' },
]

const options = { ...configOptions, ...outputOptions }

export const accounts: Command<typeof options, AccountsArgs> = {
  name: 'accounts',
  summary: 'Show the accounts of the config as resolved',
  notes: ['External IDs are masked. Nothing is sent to AWS.'],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels) {
    return { aws: readOffline(values), output: readOutput(values), labels }
  },

  async run({ aws, output, labels }, runtime) {
    const { accountLines } = await import('../render/account-lines.ts')
    const { LineWriter } = await import('../render/line-writer.ts')
    const { errorText } = await import('../render/error-text.ts')
    const { paintFor } = await import('../render/colour.ts')
    const crosstrail = await openForCommand(aws, runtime)
    try {
      const { config } = crosstrail
      const width = terminalWidth(runtime.stdout)
      const writer = new LineWriter(runtime.stdout)
      const chosen = await crosstrail.run(accountsVerb, { accounts: labels })
      const usable = chosen.filter(({ unusable }) => unusable === undefined)
      for (const line of accountLines(config, usable, output.output, width)) writer.write(line)
      await writer.flush()
      const paint = paintFor(runtime.stderr, runtime.env, output.noColor)
      const errors = chosen.flatMap(({ unusable }) => unusable ?? [])
      for (const error of errors) runtime.stderr.write(`${errorText(error, output.output, paint)}\n`)
      return errors.length === 0 ? exitCodes.ok : exitCodes.usage
    } finally {
      await crosstrail.close()
    }
  },
}
