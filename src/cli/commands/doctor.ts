import type { CrosstrailApp } from '../../app/crosstrail.ts'
import { command, type Runtime } from '../command.ts'
import { accounts } from '../../verbs/accounts/accounts.ts'
import type { DoctorOptions } from '../../verbs/doctor/options.ts'
import { exitCodes } from '../exit-code.ts'
import { grouped, single } from '../option.ts'
import { awsOptions, readAws } from '../options/aws.ts'
import { type OutputArgs, outputOptions, readOutput } from '../options/output.ts'
import { queueOptions, readQueue } from '../options/queue.ts'
import { accountId, regionName } from '../options/selecting.ts'
import { s3Url } from '../../config/place-text.ts'
import { accountPositionals } from '../positionals.ts'
import { terminalMfaPrompt } from '../prompt.ts'
import type { HeldLines } from '../render/held-lines.ts'
import { withCrosstrail } from '../access-args.ts'

const examples = [
  { does: 'Check all accounts of the config', line: 'crosstrail doctor' },
  { does: 'Check an account that needs MFA', line: 'crosstrail doctor Z --mfa-code 123456' },
  {
    does: 'Also check whether copies can be written to a bucket',
    line: 'crosstrail doctor Z --to s3://example-archive/logs --to-owner 444444444444',
  },
  {
    does: 'Also check a queue that announces new logs',
    line: 'crosstrail doctor Z --sqs https://sqs.us-east-1.amazonaws.com/444444444444/new-logs',
  },
  { does: 'Print one JSON object for each step', line: 'crosstrail doctor --output json' },
]

const options = {
  ...grouped('Copy destination', {
    // Not `to`: on a machine that pulls, CROSSTRAIL_TO is a folder
    'copies-to': single('s3-url', 'Also check write access to this copy destination: s3://bucket/prefix', s3Url(), {
      argumentAliases: ['to'],
    }),
    'to-owner': single(
      'id',
      "The account that must own that bucket. Default: the owner of the trail's bucket",
      accountId,
    ),
    'to-region': single('region', 'The region of that bucket. Default: that of the trail', regionName),
  }),
  ...grouped('Queue', queueOptions),
  ...awsOptions,
  ...outputOptions,
}

export const doctor = command({
  name: 'doctor',
  summary: 'Check access step by step and say how to fix what fails',
  notes: [
    'doctor writes and deletes nothing. It tests the rights to put and delete with calls that cannot succeed, on keys that do not exist. It receives nothing from a queue.',
    'The exit code is 3 if a step failed. Warnings do not change it.',
  ],
  examples,
  positionals: accountPositionals,
  options,

  check(values, labels) {
    return {
      aws: readAws(values),
      output: readOutput(values),
      accounts: labels,
      to: values['copies-to'],
      toOwner: values['to-owner'],
      toRegion: values['to-region'],
      sqs: readQueue(values),
    }
  },

  async run({ aws, output, ...request }, runtime) {
    const { LineWriter } = await import('../render/line-writer.ts')
    const { HeldLines } = await import('../render/held-lines.ts')
    const writer = new LineWriter(runtime.stdout)
    const lines = new HeldLines(writer)
    const askMfaCode = terminalMfaPrompt(runtime)
    const examine = async (crosstrail: CrosstrailApp) => {
      const chosen = await crosstrail.run(accounts, { accounts: request.accounts })
      const labels = chosen.map(({ label }) => label)
      const hearer = await hearerFor(output, labels, runtime, lines)
      const diagnoses = await crosstrail.doctor({ ...request, ...hearer })
      await writer.flush()
      const outside = diagnoses.filter(({ getsIn }) => !getsIn).map(({ account }) => account)
      if (outside.length > 0 && !output.quiet) {
        runtime.speaker.say(`${outside.length} of ${diagnoses.length} accounts failed: ${outside.join(', ')}`)
      }
      return outside.length > 0 ? exitCodes.noAccess : exitCodes.ok
    }
    try {
      return await withCrosstrail(
        // Fewer attempts than a run makes, to report a failure soon
        { ...aws, maxAttempts: aws.maxAttempts ?? 3 },
        runtime,
        examine,
        askMfaCode && ((serial, account) => lines.during(() => askMfaCode(serial, account))),
      )
    } finally {
      await writer.flush()
    }
  },
})

async function hearerFor(
  { output, noColor }: OutputArgs,
  labels: readonly string[],
  { stdout, env }: Runtime,
  lines: HeldLines,
): Promise<Pick<DoctorOptions, 'onStep' | 'onDone'>> {
  const { doctorCsv, doctorFields, doctorJson } = await import('../render/doctor-record.ts')
  if (output === 'json') return { onStep: (step) => lines.write(doctorJson(step)) }
  if (output === 'csv') {
    const { csvLine } = await import('../render/csv.ts')
    lines.write(csvLine(doctorFields))
    return { onStep: (step) => lines.write(doctorCsv(step)) }
  }
  const { doctorLines, doctorTitle } = await import('../render/doctor-lines.ts')
  const { InTurn } = await import('../render/in-turn.ts')
  const { marksFor } = await import('../render/marks.ts')
  const { paintFor } = await import('../render/colour.ts')
  const look = { paint: paintFor(stdout, env, noColor), marks: marksFor(env) }
  const turns = new InTurn(labels, (line) => lines.write(line))
  for (const [index, label] of labels.entries()) {
    turns.say(label, [...(index === 0 ? [] : ['']), doctorTitle(label, look)])
  }
  return {
    onStep: (step) => turns.say(step.account, doctorLines(step, look)),
    onDone: (account) => turns.done(account),
  }
}
