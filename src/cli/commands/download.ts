import { CrosstrailError } from '../../error.ts'
import { command } from '../command.ts'
import { choiceOr, flag, grouped, single, singleOr } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { threadOptions } from '../options/connection.ts'
import { fleetOptions, notForFleet, pathForAll, readFleet } from '../options/fleet.ts'
import { outputOptions, readOutput } from '../options/output.ts'
import { readSelection, selectingBesideDestination } from '../options/selecting.ts'
import { shardOptions } from '../options/sharding.ts'
import { readVerifying, verifyingOnceOptions } from '../options/verifying.ts'
import { sizeInBytes, wholeNumber } from '../parse-text.ts'
import { folderPath } from '../../config/place-text.ts'
import { accountPositionals } from '../positionals.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { downloadDefaults } from '../../verbs/download/options.ts'
import type { Layout } from '../../disk/local-path.ts'
import { skipNote } from '../skip-meanings.ts'

const examples = [
  {
    does: 'The logs of the last day of all accounts, with the paths that aws s3 sync uses',
    line: "crosstrail download --from '1d ago' --to ./logs",
  },
  {
    does: "One account's logs of a week, unzipped",
    line: 'crosstrail download B --from 2026-11-01 --until 2026-11-08 --to ./logs --decompress',
  },
  { does: 'Show what would be downloaded', line: 'crosstrail download --last 24h --to ./logs --dry-run' },
  {
    does: 'Download the logs of a day, and prove that the files are complete and unchanged',
    line: 'crosstrail download Z --from 2026-11-01 --until 2026-11-02 --to ./logs --verify',
  },
  {
    does: 'At most 10 GB, and a JSON line for each object',
    line: 'crosstrail download Z --to ./logs --max-bytes 10GB --output json',
  },
]

const layouts = ['key', 'flat', 'account'] as const satisfies readonly Layout[]

const options = {
  ...grouped('Downloading', {
    to: single('folder', 'The folder to download to. Required', folderPath(copyInstead)),
    layout: choiceOr(
      'layout',
      'key: paths as in the bucket; flat: all files in one folder; account: one folder per log account. Default: key',
      downloadDefaults.layout,
      layouts,
    ),
    decompress: flag('Write unzipped .json files'),
    overwrite: flag('Download files again that already exist'),
    'dry-run': flag('Show what would be downloaded, and download nothing'),
    'max-objects': single('count', 'Download at most this many logs', wholeNumber(1)),
    'max-bytes': single('size', 'Download at most this much: 10GB, 500MiB', sizeInBytes),
    'max-inflated': singleOr(
      'size',
      'Maximum size of an unzipped file; a larger log fails. Default: 1GiB',
      downloadDefaults.maxInflatedBytes,
      sizeInBytes,
    ),
  }),
  ...verifyingOnceOptions,
  ...selectingBesideDestination,
  ...shardOptions,
  ...fleetOptions,
  ...awsOptions,
  ...threadOptions,
  ...outputOptions,
}

function copyInstead(url: string): string {
  const to = shellWord(url)
  return `to write logs to a bucket: crosstrail copy --to ${to}, or crosstrail pull --to ${to} --state ./state`
}

export const download = command({
  name: 'download',
  summary: 'Download log objects to a folder',
  notes: [
    'Each file appears complete or not at all. To continue an interrupted download, run the same command again: files that exist and are correct are skipped. The run writes a journal to <folder>/.crosstrail/.',
    'Here --to is the destination. The window ends with --until.',
    'With --verify, each file is read once more after the download and compared with the hash in its signed digest. Digests are read from the bucket. The exit code is 1 if there is any finding.',
    skipNote('foreign'),
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    if (values.to === undefined) {
      throw new CrosstrailError('usage.missing-option', 'download needs --to <folder>', {
        hint: 'name the destination: --to ./logs. The end of the window is --until',
        facts: { option: '--to' },
      })
    }
    if (values.verify && values.shard !== undefined) {
      throw new CrosstrailError('usage.shard', '--verify does not go together with --shard', {
        hint: 'a shard of a download has only some logs of a digest; verify them afterwards: crosstrail verify',
        facts: { option: '--shard' },
      })
    }
    if (values.to === '-' && values.fleet !== undefined) {
      throw notForFleet('--fleet needs a folder', 'name a folder that all workers share: --to /mnt/logs')
    }
    const { to } = values
    const selection = readSelection(values, labels, nowMs)
    const how = {
      layout: values.layout,
      decompress: values.decompress,
      overwrite: values.overwrite,
      dryRun: values['dry-run'],
      maxInflatedBytes: values['max-inflated'],
    }
    return {
      aws: readAws(values),
      output: readOutput(values),
      fleet: readFleet(values, selection.window, nowMs, () => ({
        verb: 'download',
        options: { ...how, to: pathForAll(to) },
        selection,
      })),
      selection,
      to,
      ...how,
      maxObjects: values['max-objects'],
      maxBytes: values['max-bytes'],
      ...readVerifying(values),
    }
  },

  async run({ aws, output, fleet, ...request }, runtime) {
    if (fleet !== undefined) {
      const { runOnFleet } = await import('../fleet/run-on-fleet.ts')
      return runOnFleet({ aws, output, fleet }, runtime)
    }
    const { runOnObjects } = await import('../run-on-objects.ts')
    const { outcomeShape: shape } = await import('../render/outcome-row.ts')
    const { dryRun, verify: verifies } = request
    const shown = { aws, output, dryRun, verifies, shape }
    return runOnObjects(shown, runtime, (crosstrail, whenWritable, listener, { onResult }) =>
      crosstrail.download({ ...request, whenWritable, onResult }, listener),
    )
  },
})
