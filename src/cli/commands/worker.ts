import { CrosstrailError } from '../../error.ts'
import { command } from '../command.ts'
import { configOptions, readAws, sessionOptions } from '../options/aws.ts'
import { connectionOptions, threadOptions } from '../options/connection.ts'
import { readTalk, talkOptions } from '../options/narrowing.ts'
import { readWorking, workingOptions } from '../options/working.ts'

const examples = [
  {
    does: 'Take slices until it is stopped, with metrics for Prometheus',
    line: 'crosstrail worker --fleet redis://queue.example.com --listen 9464',
  },
  {
    does: 'Write only to one bucket, and end when nothing is left',
    line: 'crosstrail worker --fleet redis://queue.example.com --allow-to s3://example-archive/trail --drain',
  },
]

const { 'no-session-policy': noSessionPolicy } = sessionOptions

const options = {
  ...workingOptions,
  ...configOptions,
  'no-session-policy': noSessionPolicy,
  ...connectionOptions,
  ...threadOptions,
  ...talkOptions,
}

export const worker = command({
  name: 'worker',
  summary: 'Take slices of runs that were given to a queue',
  notes: [
    'A worker has its own config and credentials; neither travels through the queue. It hands back a slice if its config lacks the account or says something else about it. Whoever can write to the Redis server can make workers write: --allow-to limits where.',
    'The first SIGINT or SIGTERM ends it in order: it takes nothing new, finishes the objects in progress, and hands its slices back. A worker cannot ask for MFA codes.',
    'With --drain the exit code is 1 if one of its slices had failures. docs/FLEET.md says what happens if a worker dies.',
  ],
  examples,
  options,

  check(values) {
    const working = readWorking(values)
    const limited = working.maxRate !== undefined
    if (limited && values.threads !== undefined) {
      throw new CrosstrailError('usage.conflict', '--max-rate and --threads do not go together', {
        hint: 'only the calls of one thread can be limited: start more workers instead of threads',
        facts: { option: '--max-rate' },
      })
    }
    return {
      aws: { ...readAws({ ...values, 'mfa-code': undefined }), ...(limited && { threads: 1 }) },
      output: readTalk(values),
      working,
    }
  },

  async run(args, runtime) {
    const { workOnFleet } = await import('../fleet/work-on-fleet.ts')
    return workOnFleet(args, runtime)
  },
})
