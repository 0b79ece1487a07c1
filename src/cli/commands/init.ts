import { command } from '../command.ts'
import { initOptions, readInit } from '../options/init-options.ts'

const examples = [
  { does: 'Answer questions, then check access', line: 'crosstrail init' },
  {
    does: 'Without questions: B reads its own logs with a profile of the AWS tools',
    line: 'crosstrail init --bucket example-cloudtrail-logs --owner 111111111111 --label B --account-id 222222222222 --role arn:aws:iam::111111111111:role/CloudTrailLogs-B --credentials profile:b-audit',
  },
  {
    does: 'Z is a third party that issues an external ID. The ID is shown once',
    line: 'crosstrail init --bucket example-cloudtrail-logs --owner 111111111111 --label Z --account-id 444444444444 --role arn:aws:iam::111111111111:role/CloudTrailLogs-Z --reads all --new-external-id',
  },
  {
    does: 'Take role, external ID, credentials and MFA device from a profile of ~/.aws/config',
    line: 'crosstrail init --from-profile z-audit --bucket example-cloudtrail-logs --owner 111111111111',
  },
]

export const init = command({
  name: 'init',
  summary: 'Write a config by answering questions, or from options',
  notes: [
    'On a terminal, init asks for everything that the options do not give. Without a terminal you must give --bucket, --owner, --label, --account-id and --role, or a profile that contains the last three.',
    'Only the owner of the file can read it (0600). It is written completely or not at all, and init never overwrites a file. Ctrl-C at a question about the config writes nothing and exits with 130.',
    'The config never contains an external ID. It refers to an environment variable.',
  ],
  examples,
  options: initOptions,

  check: readInit,

  async run(args, runtime) {
    const { runInit } = await import('../init/run-init.ts')
    return runInit(args, runtime)
  },
})
