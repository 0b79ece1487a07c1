import { accounts as accountsVerb } from '../../verbs/accounts/accounts.ts'
import { command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { readOffline, configOptions } from '../options/aws.ts'
import { outputOptions, readOutput } from '../options/output.ts'
import { accountPositionals } from '../positionals.ts'
import { printLines } from '../print-text.ts'
import { paintFor } from '../render/colour.ts'
import { errorText } from '../render/error-text.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { withCrosstrail } from '../access-args.ts'

const examples = [
  { does: 'Show all accounts of the config, with their defaults', line: 'crosstrail accounts' },
  { does: 'Show one account as JSON', line: 'crosstrail accounts Z --output json' },
]

const options = { ...configOptions, ...outputOptions }

export const accounts = command({
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
    return withCrosstrail(aws, runtime, async (crosstrail) => {
      const chosen = await crosstrail.run(accountsVerb, { accounts: labels })
      const usable = chosen.filter(({ unusable }) => unusable === undefined)
      const width = terminalWidth(runtime.stdout)
      await printLines(runtime.stdout, accountLines(crosstrail.config, usable, output.output, width))
      const paint = paintFor(runtime.stderr, runtime.env, output.noColor)
      const errors = chosen.flatMap(({ unusable }) => unusable ?? [])
      for (const error of errors) runtime.stderr.write(`${errorText(error, output.output, paint)}\n`)
      return errors.length === 0 ? exitCodes.ok : exitCodes.usage
    })
  },
})
