import { folderPath } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { command } from '../command.ts'
import { flag, grouped, single } from '../option.ts'
import { demandFleetUrl, fleetOption } from '../options/fleet.ts'
import { defaultJournalDir } from '../options/journal-option.ts'
import { outputOptions, readOutput } from '../options/output.ts'
import { oneOf } from '../parse-text.ts'

const actions = ['status', 'watch', 'cancel', 'retry'] as const

const examples = [
  { does: 'List the runs', line: 'crosstrail fleet status --fleet redis://queue.example.com' },
  { does: 'Show one run', line: 'crosstrail fleet status 1f6e0d2c4b5a6978 --fleet redis://queue.example.com' },
  {
    does: 'Watch a run that was detached, until it ends',
    line: 'crosstrail fleet watch 1f6e0d2c4b5a6978 --fleet redis://queue.example.com',
  },
  {
    does: 'Run its failed slices again',
    line: 'crosstrail fleet retry 1f6e0d2c4b5a6978 --fleet redis://queue.example.com',
  },
]

const options = {
  ...grouped('Fleet', {
    fleet: fleetOption('The Redis server of the queue', '. Required'),
    detach: flag('With retry: leave the run to the workers'),
    'journal-dir': single(
      'folder',
      `Where watch and retry write the journal of the run. Default: ${defaultJournalDir}`,
      folderPath(),
    ),
  }),
  ...outputOptions,
}

export const fleet = command({
  name: 'fleet',
  summary: 'Show, watch, cancel or retry runs that workers share',
  notes: [
    'status shows all runs, or one. watch shows the progress of a run until it ends, writes a journal, and exits as the run would have; Ctrl-C ends only the watching. cancel stops a run: slices in work stop after their objects in progress. retry runs the slices again that have failures or no result, and watches them; Ctrl-C cancels the run.',
    'A run that ended without a failure is removed a minute after someone watched its end, any other after a week.',
  ],
  examples,
  positionals: {
    usage: '<action> [run]',
    description: 'status, watch, cancel or retry, and the id of the run. Only status works without an id',
    max: 2,
    complete: { words: actions },
  },
  options,

  check(values, [word, runId]) {
    const url = demandFleetUrl(values.fleet, 'fleet')
    const output = readOutput(values)
    const { detach, 'journal-dir': journalDir } = values
    if (word === undefined) throw missing('an action', url)
    const action = oneOf(actions)(word, 'the action of fleet')
    if (detach && action !== 'retry') {
      throw new CrosstrailError('usage.conflict', '--detach works only with fleet retry', {
        hint: 'remove --detach',
        facts: { option: '--detach' },
      })
    }
    const rest = { url, output, detach, journalDir }
    if (action === 'status') return { ...rest, action, runId }
    if (runId === undefined) throw missing('the id of a run', url)
    return { ...rest, action, runId }
  },

  async run(args, runtime) {
    const { actOnFleet } = await import('../fleet/act-on-fleet.ts')
    return actOnFleet(args, runtime)
  },
})

function missing(what: string, url: string): CrosstrailError {
  return new CrosstrailError('usage.missing-argument', `fleet needs ${what}`, {
    hint: `to list the runs: crosstrail fleet status --fleet ${shellWord(url)}`,
  })
}
