import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { command } from '../command.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { exitCodes } from '../exit-code.ts'
import type { AnnouncementShape } from '../../lab/sqs/announcement-body.ts'
import { choice, flag, grouped, single, singleOr } from '../option.ts'
import { printLines } from '../print-text.ts'
import type { FilledLab } from '../lab-start.ts'
import { wholeNumber } from '../parse-text.ts'
import { folderPath } from '../../config/place-text.ts'

const examples = [
  { does: 'Start the lab and show what to type next', line: 'crosstrail lab' },
  { does: 'Add a queue with the events of S3 in envelopes of SNS', line: 'crosstrail lab --announce s3-sns' },
  { does: 'Start it with 5,000 logs, on port 9000', line: 'crosstrail lab --objects 5000 --port 9000 --dir ./lab' },
]

// Written here, because the help must not load the lab.
const shapes = [
  's3',
  's3-sns',
  'eventbridge',
  'eventbridge-sns',
  'cloudtrail',
  'cloudtrail-sns',
] as const satisfies readonly AnnouncementShape[]

const options = grouped('Lab', {
  dir: single('folder', 'The folder for the config and the profiles. Default: a new temporary folder', folderPath()),
  objects: singleOr('count', 'Number of sample logs. Default: 500', 500, wholeNumber(1, 1_000_000)),
  seed: singleOr('number', 'The same seed makes the same logs. Default: 1', 1, wholeNumber(0, 0xff_ff_ff_ff)),
  port: singleOr(
    'port',
    'Port of S3, STS and SQS on 127.0.0.1; 0 takes a free one. Default: 0',
    0,
    wholeNumber(0, 65_535),
  ),
  digests: flag('Add hourly digests, signed with a key of the lab'),
  organization: flag('Use the key layout of an organization trail'),
  announce: choice('shape', 'Add an SQS queue that announces each log, the samples too, and show its URL', shapes),
})

export const lab = command({
  name: 'lab',
  summary: 'Simulate Account A on this machine, to try crosstrail without AWS',
  notes: [
    'The lab answers like STS, S3 and SQS, and like CloudTrail if it is asked for public keys. It has sample logs of several accounts, delivered in the last seven days. It is a test double: it listens on loopback only and keeps everything in memory. It runs until Ctrl-C.',
  ],
  examples,
  options,

  check(values, _positionals, nowMs) {
    return { ...values, nowMs }
  },

  async run({ dir, ...args }, { stdout, signal }) {
    const { startFilledLab } = await import('../lab-start.ts')
    const { writeLabFolder } = await import('../lab-folder.ts')
    const running = await startFilledLab(args)
    try {
      const folder = dir === undefined ? await mkdtemp(join(tmpdir(), 'crosstrail-lab-')) : resolve(dir)
      const environment = await writeLabFolder(folder, running.description)
      await printLines(stdout, labLines(folder, environment, running))
      if (!signal.aborted) await once(signal, 'abort')
      return exitCodes.ok
    } finally {
      await running.stop()
    }
  },
})

function labLines(
  folder: string,
  environment: Readonly<Record<string, string>>,
  { contents, queueUrl, description }: FilledLab,
): string[] {
  return [
    `The lab is running with ${contents}. It is a test double, for this machine only.`,
    '',
    'In another terminal:',
    `  . ${shellWord(join(folder, 'lab.env'))}`,
    '  crosstrail accounts',
    '  crosstrail list B',
    '  crosstrail download --to ./logs',
    ...(queueUrl === undefined
      ? []
      : [`  crosstrail pull Z --to ./pulled --sqs ${queueUrl} --sqs-region ${description.region} --drain`]),
    '',
    'That file sets:',
    ...Object.entries(environment).map(([name, value]) => `  ${name}=${value}`),
    '',
    ...(queueUrl === undefined ? [] : ['The queue that announces the logs:', `  ${queueUrl}`, '']),
    'Press Ctrl-C to stop the lab.',
  ]
}
