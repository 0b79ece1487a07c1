import { flag, singleOr, type Values } from '../option.ts'
import { oneOf } from '../parse-text.ts'

const group = 'Output'

export const outputFormats = ['table', 'json', 'csv'] as const

/** How results are written to stdout. `json` is one object a line. */
export type OutputFormat = (typeof outputFormats)[number]

export const outputOptions = {
  output: singleOr(
    {
      group,
      short: 'o',
      value: 'format',
      choices: outputFormats,
      description: 'How results are written to stdout; json is one object a line. Default: table',
    },
    'table',
    oneOf(outputFormats),
  ),
  quiet: flag({ group, description: 'Nothing on stderr but failures' }),
  verbose: flag({ group, short: 'v', description: 'Say more on stderr' }),
  'no-color': flag({ group, description: 'No colours. NO_COLOR and FORCE_COLOR are obeyed too' }),
}

export interface OutputArgs {
  readonly output: OutputFormat
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
}

export function readOutput(values: Values<typeof outputOptions>): OutputArgs {
  return { output: values.output, quiet: values.quiet, verbose: values.verbose, noColor: values['no-color'] }
}
