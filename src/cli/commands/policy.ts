import { command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { readOffline, configOptions } from '../options/aws.ts'
import { outputOptions } from '../options/output.ts'
import { policyOptions } from '../options/policies.ts'
import { accountPositionals } from '../positionals.ts'
import { printLines } from '../print-text.ts'
import { withCrosstrail } from '../access-args.ts'

const examples = [
  { does: 'What Account A attaches for B', line: 'crosstrail policy B --side owner' },
  { does: 'The same as Terraform', line: 'crosstrail policy B --side owner --format terraform > b.tf' },
  { does: "Only the role's trust policy, for the AWS CLI", line: 'crosstrail policy B --kind trust > trust.json' },
  {
    does: 'Z may copy logs that a KMS key encrypts',
    line: 'crosstrail policy Z --copy-to s3://archive/logs --log-kms-key arn:aws:kms:us-east-1:111111111111:key/1234abcd',
  },
  {
    does: 'What is wrong with the policy that is there: a document, or what aws iam get-role prints',
    line: 'crosstrail policy B --check trust.json',
  },
]

const options = { ...configOptions, ...policyOptions, quiet: outputOptions.quiet }

export const policy = command({
  name: 'policy',
  summary: 'Print the policies both sides need, or check one',
  notes: [
    'Nothing is sent to AWS. One policy is printed as its document alone; several as one object a line that says where each goes.',
    'With --check the exit code is 1 where something is missing, too wide, or not certain.',
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
