import { command } from '../command.ts'
import { initOptions, readInit } from '../options/init-options.ts'

const examples = [
  { does: 'Answer questions, then try the way in', line: 'crosstrail init' },
  {
    does: 'No questions: B reads its own logs with a profile of the AWS tools',
    line: 'crosstrail init --bucket example-cloudtrail-logs --owner 111111111111 --label B --account-id 222222222222 --role arn:aws:iam::111111111111:role/CloudTrailLogs-B --credentials profile:b-audit',
  },
  {
    does: 'Z is a third party, and issues an external ID; it is shown once',
    line: 'crosstrail init --bucket example-cloudtrail-logs --owner 111111111111 --label Z --account-id 444444444444 --role arn:aws:iam::111111111111:role/CloudTrailLogs-Z --reads all --new-external-id',
  },
  {
    does: 'Role, external ID, source and MFA device as a profile of ~/.aws/config has them',
    line: 'crosstrail init --from-profile z-audit --bucket example-cloudtrail-logs --owner 111111111111',
  },
]

export const init = command({
  name: 'init',
  summary: 'Write a config by answering questions, or from options',
  notes: [
    'On a terminal it asks for what no option says. Where there is none, --bucket, --owner, --label, --account-id and --role are needed, or a profile that says as much.',
    'The file is for its owner alone (0600), appears whole or not at all, and is never written over. Ctrl-C at any question leaves nothing, and exits with 130.',
    'External IDs are kept out of it: it refers to an environment variable.',
  ],
  examples,
  options: initOptions,

  check: readInit,

  async run(args, runtime) {
    const { runInit } = await import('../init/run-init.ts')
    return runInit(args, runtime)
  },
})
