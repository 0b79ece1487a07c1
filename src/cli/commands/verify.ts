import { filePath, folderPath } from '../../config/place-text.ts'
import { anyText } from '../../config/text-value.ts'
import { CrosstrailError } from '../../error.ts'
import { eventKinds } from '../../verbs/events/options.ts'
import { verifyDefaults, type VerifyOptions } from '../../verbs/verify/options.ts'
import type { AccessArgs } from '../access-args.ts'
import type { Command } from '../command.ts'
import { choiceList, flag, givenOptions, grouped, many, single, singleOr } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { threadOptions } from '../options/connection.ts'
import { type FleetArgs, fleetOptions, pathForAll, readFleet } from '../options/fleet.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { readSelection, selecting } from '../options/selecting.ts'
import { journalOptions, shardOptions } from '../options/sharding.ts'
import { movedFromOption } from '../options/verifying.ts'
import { sizeInBytes } from '../parse-text.ts'
import { accountPositionals } from '../positionals.ts'
import { recordedCommand } from '../recorded-command.ts'

export interface VerifyArgs {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly fleet: FleetArgs | undefined
  readonly verify: Omit<VerifyOptions, 'onResult' | 'whenWritable'>
}

const examples = [
  { does: 'Prove that the logs of the last week are complete and unchanged', line: 'crosstrail verify --last 7d' },
  {
    does: 'The same for one account and region, and keep the public keys',
    line: 'crosstrail verify B --from 2026-11-01 --until 2026-11-08 --region us-east-1 --save-keys keys.json',
  },
  { does: 'A mirror, without a network', line: 'crosstrail verify --dir ./logs --keys keys.json' },
  {
    does: 'Logs that were copied from another bucket',
    line: 'crosstrail verify Z --moved-from s3://example-old-bucket/trail',
  },
  {
    does: 'Signed evidence for an auditor, with the logs',
    line: 'crosstrail verify B --last 30d --evidence evidence --with-logs --sign-key signing-key.pem',
  },
  { does: 'A line of JSON for each digest, log and finding', line: 'crosstrail verify --last 24h --output json' },
]

const options = {
  ...grouped('Verifying', {
    dir: many(
      'folder',
      'Verify the mirror in this folder instead of the bucket. It needs --keys. Repeatable',
      folderPath(),
    ),
    keys: single(
      'file',
      'Public keys of CloudTrail, as --save-keys or aws cloudtrail list-public-keys wrote them',
      filePath,
    ),
    'save-keys': single('file', 'Write the public keys that CloudTrail listed to this file', filePath),
    'moved-from': movedFromOption,
    evidence: single(
      'folder',
      'Write what was verified into this new folder, for others to check. docs/EVIDENCE.md describes it',
      folderPath(),
    ),
    'with-logs': flag('Add the logs to --evidence. One thread then reads them all'),
    'sign-key': single('file', 'Sign --evidence with the Ed25519 key in this PEM file', filePath),
    'timestamp-url': single('url', 'Get a timestamp (RFC 3161) for --evidence from this authority', anyText),
    'max-inflated': singleOr(
      'size',
      'Maximum size of an unzipped log; a larger one fails. Default: 1GiB',
      verifyDefaults.maxInflatedBytes,
      sizeInBytes,
    ),
  }),
  ...selecting,
  ...shardOptions,
  ...fleetOptions,
  ...grouped('Selecting', { kind: choiceList('kind', 'Only logs of this kind. Repeatable', eventKinds) }),
  ...awsOptions,
  ...threadOptions,
  ...outputOptions,
  ...journalOptions,
}

export const verify: Command<typeof options, VerifyArgs> = {
  name: 'verify',
  summary: 'Prove that logs are complete and unchanged',
  notes: [
    'CloudTrail signs a digest every hour, which names each log with its hash and the digest before. verify checks the signatures with the public keys of CloudTrail, compares the digests with one another, looks for each log that they list and for logs that none lists, and compares the hash of each log. The trail must have log file validation.',
    'The window selects by delivery time. Digests of two hours before and after it are read too.',
    'A finding is something that does not prove right. The exit code is 1 if there is any, and 0 if everything was verified. Logs whose digest is not due yet are pending, which is no finding.',
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels, nowMs) {
    const { dir: dirs, keys: keysFile, 'save-keys': saveKeys, evidence } = values
    if (dirs.length > 0 && keysFile === undefined) {
      throw new CrosstrailError('usage.missing-option', '--dir needs --keys <file>', {
        hint: 'get the keys from AWS, with --save-keys against the bucket or with aws cloudtrail list-public-keys. Keys that are kept with a mirror prove nothing, because whoever changes the mirror can replace them',
        facts: { option: '--keys' },
      })
    }
    if (keysFile !== undefined && saveKeys !== undefined) {
      throw new CrosstrailError('usage.conflict', '--keys and --save-keys do not go together', {
        hint: 'with --keys CloudTrail is not asked, so there are no other keys to save',
      })
    }
    const [alone] = evidence === undefined ? givenOptions(values, ['with-logs', 'sign-key', 'timestamp-url']) : []
    if (alone !== undefined) {
      throw new CrosstrailError('usage.missing-option', `--${alone} needs --evidence <folder>`, {
        hint: 'name a new folder for the evidence with --evidence, or omit the option',
        facts: { option: '--evidence' },
      })
    }
    const selection = readSelection(values, labels, nowMs)
    const how = { movedFrom: values['moved-from'], maxInflatedBytes: values['max-inflated'] }
    return {
      aws: readAws(values),
      output: readOutput(values),
      fleet: readFleet(values, selection.window, nowMs, () => ({
        verb: 'verify',
        options: { ...how, keysFile: pathForAll(keysFile) },
        selection,
      })),
      verify: {
        selection,
        dirs,
        keysFile,
        saveKeys,
        ...how,
        journalDir: values['journal-dir'],
        evidence:
          evidence === undefined
            ? undefined
            : {
                folder: evidence,
                withLogs: values['with-logs'],
                signKeyFile: values['sign-key'],
                timestampUrl: values['timestamp-url'],
              },
      },
    }
  },

  async run({ aws, output, fleet, verify: request }, runtime) {
    if (fleet !== undefined) {
      const { runOnFleet } = await import('../fleet/run-on-fleet.ts')
      return runOnFleet({ aws, output, fleet, journalDir: request.journalDir }, runtime)
    }
    const { showVerify } = await import('../show-verify.ts')
    return showVerify(output, runtime, async (onResult, whenWritable, listener) => {
      const evidence = request.evidence && { ...request.evidence, command: recordedCommand(runtime.argv) }
      const asked = { ...request, evidence, onResult, whenWritable }
      if (request.dirs.length > 0 && request.keysFile !== undefined) {
        const { verifyFolders } = await import('../../app/verify-folders.ts')
        const { signal } = runtime
        return verifyFolders({ ...asked, keysFile: request.keysFile }, { signal, threads: aws.threads }, listener)
      }
      const { withCrosstrail } = await import('../access-args.ts')
      return withCrosstrail(aws, runtime, (crosstrail) => crosstrail.verify(asked, listener))
    })
  },
}
