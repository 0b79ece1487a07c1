import { choiceOr, flag, grouped, type Values } from '../option.ts'

export const outputFormats = ['table', 'json', 'csv'] as const

/** The format of results on stdout. `json` is one object per line. */
export type OutputFormat = (typeof outputFormats)[number]

export const outputOptions = grouped('Output', {
  output: choiceOr(
    'format',
    'The format of results on stdout; json writes one object per line. Default: table',
    'table',
    outputFormats,
    { short: 'o' },
  ),
  quiet: flag('Print only failures on stderr'),
  verbose: flag('Print more on stderr', { short: 'v' }),
  'no-color': flag('Do not use colors. NO_COLOR and FORCE_COLOR also work'),
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
