import { CrosstrailError } from '../../error.ts'
import { command } from '../command.ts'
import { exitCodeOfMerge } from '../exit-code.ts'
import { outputOptions, readOutput } from '../options/output.ts'
import { LineWriter } from '../render/line-writer.ts'

const examples = [
  { does: 'Add up the journals of 16 machines', line: 'crosstrail merge ./journals' },
  { does: 'The same, with each failure as JSON', line: 'crosstrail merge ./journals --output json' },
]

const options = { ...outputOptions }

export const merge = command({
  name: 'merge',
  summary: 'Add up the journals of the shards of one run',
  notes: [
    'Shows what each shard did, the sum, and each failure and finding. If a shard was run several times, its newest finished journal counts. Nothing is sent to AWS.',
    'The exit code is that of one run that did everything. It is 1 if a shard has no journal, or if one was interrupted or did not finish.',
  ],
  examples,
  positionals: {
    usage: '<journal…>',
    description: 'Journals, and folders of journals',
    max: Number.POSITIVE_INFINITY,
  },
  options,

  check(values, files) {
    if (files.length === 0) {
      throw new CrosstrailError('usage.missing-argument', 'merge needs the journals of a run', {
        hint: 'name the journals, or the folders that hold them: crosstrail merge ./journals',
      })
    }
    return { output: readOutput(values), files }
  },

  async run({ output: { output: format, noColor }, files }, { stdout, env, signal }) {
    const { mergeJournals } = await import('../../verbs/merge/merge.ts')
    const { mergedLine, mergeLines } = await import('../render/merge-lines.ts')
    const { paintFor } = await import('../render/colour.ts')
    const { terminalWidth } = await import('../render/terminal-width.ts')
    const writer = new LineWriter(stdout)
    const paint = paintFor(stdout, env, noColor)
    const report = await mergeJournals({
      files,
      signal,
      onLine(line) {
        const text = mergedLine(line, format, paint)
        if (text !== undefined) writer.write(text)
      },
      whenWritable: () => writer.whenWritable(),
    })
    for (const line of mergeLines(report, format, terminalWidth(stdout))) writer.write(line)
    await writer.flush()
    return exitCodeOfMerge(report)
  },
})
