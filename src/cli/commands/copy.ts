import { CrosstrailError } from '../../error.ts'
import { command } from '../command.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { fleetOptions, readFleet } from '../options/fleet.ts'
import { copyingOptions, readStorage, readThaw } from '../options/copying.ts'
import { outputOptions, readOutput } from '../options/output.ts'
import { readVerified, verifiedOptions } from '../options/verified.ts'
import { readSelection, selectingBesideDestination } from '../options/selecting.ts'
import { shardOptions } from '../options/sharding.ts'
import { accountPositionals } from '../positionals.ts'
import { skipNote } from '../skip-meanings.ts'

const examples = [
  {
    does: 'Copy logs older than 400 days to an archive bucket, in a cheaper storage class',
    line: "crosstrail copy Z --until '400d ago' --to s3://example-archive/trail --storage-class DEEP_ARCHIVE",
  },
  { does: 'Show what would be copied', line: 'crosstrail copy Z --to s3://example-archive/trail --dry-run' },
  {
    does: "Copy to a bucket of another account, with that account's role and KMS key",
    line: 'crosstrail copy B --to s3://b-own-logs --to-account B-archive --sse aws:kms --kms-key arn:aws:kms:us-east-1:222222222222:key/1234',
  },
  {
    does: 'Copy only logs that are proven to be unchanged, with their digests',
    line: 'crosstrail copy Z --from 2026-11-01 --until 2026-12-01 --to s3://example-archive/trail --verified',
  },
  {
    does: 'Include archived logs: request their restore now, and run the command again tomorrow',
    line: 'crosstrail copy Z --to s3://example-archive/trail --restore-tier bulk --restore-days 3',
  },
  {
    does: 'Let the workers of a Redis server copy a year',
    line: 'crosstrail copy Z --from 2025-01-01 --until 2026-01-01 --to s3://example-archive/trail --fleet redis://queue.example.com',
  },
]

const options = {
  ...copyingOptions,
  ...verifiedOptions,
  ...selectingBesideDestination,
  ...shardOptions,
  ...fleetOptions,
  ...awsOptions,
  ...outputOptions,
}

export const copy = command({
  name: 'copy',
  summary: 'Copy log objects to another bucket or prefix',
  notes: [
    'S3 makes the copies itself, unless --to-account is given. Copies keep the metadata of the logs. A log that changed after it was listed is not copied. To continue an interrupted copy, run the same command again: copies that exist and are correct are skipped. The run writes a journal to the folder of --journal-dir.',
    'With --verified only logs that are proven to be unchanged are copied, as verify proves it. Each log is read for that. The others are skipped as unverified. --verify is something else: it compares copies with their logs.',
    'Here --to is the destination. The window ends with --until.',
    skipNote('foreign'),
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    if (values.to === undefined) {
      throw new CrosstrailError('usage.missing-option', 'copy needs --to s3://bucket/prefix', {
        hint: 'name the destination: --to s3://example-archive/trail. The end of the window is --until',
        facts: { option: '--to' },
      })
    }
    const selection = readSelection(values, labels, nowMs)
    const how = {
      to: values.to,
      toOwner: values['to-owner'],
      toRegion: values['to-region'],
      toAccount: values['to-account'],
      storage: readStorage(values),
      overwrite: values.overwrite,
      dryRun: values['dry-run'],
      thaw: readThaw(values),
    }
    return {
      aws: readAws(values),
      output: readOutput(values),
      fleet: readFleet(values, selection.window, nowMs, () => ({ verb: 'copy', options: how, selection })),
      selection,
      ...how,
      verify: values.verify,
      maxObjects: values['max-objects'],
      maxBytes: values['max-bytes'],
      journalDir: values['journal-dir'],
      ...readVerified(values),
    }
  },

  async run({ aws, output, fleet, ...request }, runtime) {
    if (fleet !== undefined) {
      const { runOnFleet } = await import('../fleet/run-on-fleet.ts')
      return runOnFleet({ aws, output, fleet, journalDir: request.journalDir }, runtime)
    }
    const { runOnObjects } = await import('../run-on-objects.ts')
    const { copyShape: shape } = await import('../render/copy-row.ts')
    const { dryRun } = request
    return runOnObjects({ aws, output, dryRun, shape }, runtime, (crosstrail, whenWritable, listener, { onFinding }) =>
      crosstrail.copy({ ...request, whenWritable, onFinding }, listener),
    )
  },
})
