import { command } from '../command.ts'
import { flag, grouped } from '../option.ts'
import { printLines, printText } from '../print-text.ts'
import type { Output } from '../streams.ts'
import { version } from '../../config/own-version.ts'

export const versionCommand = command({
  name: 'version',
  summary: 'Print the version',
  notes: [
    'crosstrail --version and crosstrail -V print the same. Add the output of crosstrail --version --verbose to a bug report.',
  ],
  examples: [
    { does: 'Print the version of crosstrail', line: 'crosstrail version' },
    { does: 'See which optional packages it can use', line: 'crosstrail version --verbose' },
  ],
  options: grouped('Output', {
    // Scripts read the version, whatever the variable says about other commands.
    verbose: flag('Also print the versions of Node and of the optional packages, and how crosstrail was installed', {
      short: 'v',
      argumentOnly: true,
    }),
  }),

  check: (values) => values,

  run: ({ verbose }, { stdout }) => printVersion(stdout, verbose),
})

/** Returns the exit code of success. Throws `disk.output-failed`. */
export async function printVersion(stdout: Output, isVerbose: boolean): Promise<number> {
  if (!isVerbose) return printText(stdout, version())
  const { versionLines } = await import('../about/version-lines.ts')
  return printLines(stdout, await versionLines())
}
