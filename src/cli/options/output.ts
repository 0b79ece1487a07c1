import { choiceOr, flag, grouped, type Values } from '../option.ts'

export const outputFormats = ['table', 'json', 'csv'] as const

/** How results are written to stdout. `json` is one object a line. */
export type OutputFormat = (typeof outputFormats)[number]

export const outputOptions = grouped('Output', {
  output: choiceOr(
    'format',
    'How results are written to stdout; json is one object a line. Default: table',
    'table',
    outputFormats,
    { short: 'o' },
  ),
  quiet: flag('Nothing on stderr but failures'),
  verbose: flag('Say more on stderr', { short: 'v' }),
  'no-color': flag('No colours. NO_COLOR and FORCE_COLOR are obeyed too'),
})

export interface OutputArgs {
  readonly output: OutputFormat
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
}

export function readOutput(values: Values<typeof outputOptions>): OutputArgs {
  return { output: values.output, quiet: values.quiet, verbose: values.verbose, noColor: values['no-color'] }
}
