import { command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { readOffline, configOptions } from '../options/aws.ts'
import { outputOptions } from '../options/output.ts'
import { policyOptions } from '../options/policies.ts'
import { readQueue } from '../options/queue.ts'
import { accountPositionals } from '../positionals.ts'
import { printLines } from '../print-text.ts'
import { withCrosstrail } from '../access-args.ts'

const examples = [
  { does: 'The policies that Account A attaches for B', line: 'crosstrail policy B --side owner' },
  { does: 'The same policies for Terraform', line: 'crosstrail policy B --side owner --format terraform > b.tf' },
  { does: "Only the role's trust policy, for the AWS CLI", line: 'crosstrail policy B --kind trust > trust.json' },
  {
    does: 'Policies that allow Z to copy logs that are encrypted with a KMS key',
    line: 'crosstrail policy Z --copy-to s3://archive/logs --log-kms-key arn:aws:kms:us-east-1:111111111111:key/1234abcd',
  },
  {
    does: 'The policies and settings that announce new logs to a queue of Z, for the side of Z',
    line: 'crosstrail policy Z --sqs https://sqs.us-east-1.amazonaws.com/444444444444/new-logs --side caller',
  },
  {
    does: 'Check an existing policy: its document, or the output of aws iam get-role',
    line: 'crosstrail policy B --check trust.json',
  },
]

const options = { ...configOptions, ...policyOptions, quiet: outputOptions.quiet }

export const policy = command({
  name: 'policy',
  summary: 'Print the policies both sides need, or check one',
  notes: [
    'Nothing is sent to AWS. A single policy is printed as its document. Several policies are printed as one object per line, which also says where to attach the policy.',
    'If an account has a queue, the settings that announce new logs to it are printed too.',
    'With --check the exit code is 1 if something is missing, too wide or not certain.',
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels) {
    const { 'without-versions': withoutVersions, with: further } = values
    return {
      aws: readOffline(values),
      options: {
        accounts: labels,
        side: values.side,
        kinds: values.kind,
        inAccount: values['in-account'],
        callerArn: values.caller,
        byBucketPolicy: values['bucket-policy'],
        copyTo: values['copy-to'],
        copyToOwner: values['copy-to-owner'],
        keyArn: values['log-kms-key'],
        targetKeyArn: values['copy-kms-key'],
        trailArn: values['trail-arn'],
        sqs: readQueue(values),
        sqsVia: values['sqs-via'],
        topicArn: values['sns-topic'],
        sqsKeyArn: values['sqs-kms-key'],
        topicKeyArn: values['sns-kms-key'],
        rights: {
          versions: !withoutVersions,
          bypassGovernance: further.includes('bypass-governance'),
          thaw: further.includes('restore-tier'),
          acl: further.includes('acl'),
          buckets: further.includes('buckets'),
        },
        showExternalIds: values['show-external-ids'],
      },
      format: values.format,
      check: values.check,
      quiet: values.quiet,
    }
  },

  async run(args, runtime) {
    const { policyAnswer } = await import('../policy-answer.ts')
    return withCrosstrail(args.aws, runtime, async (crosstrail) => {
      const { lines, notes, hasFindings } = await policyAnswer(args, crosstrail, runtime.stdin())
      if (!args.quiet) for (const note of notes) runtime.speaker.say(note)
      await printLines(runtime.stdout, lines)
      return hasFindings ? exitCodes.failures : exitCodes.ok
    })
  },
})
