import type { Fleet } from '../../fleet/queue/fleet.ts'
import type { Runtime } from '../command.ts'
import { exitCodeOfFleet, exitCodes, exitCodeOfStop } from '../exit-code.ts'
import type { OutputArgs } from '../options/output.ts'
import { printLines } from '../print-text.ts'
import { escapeText } from '../render/escape.ts'
import { fleetStatusLines } from '../render/fleet-status.ts'
import { formatCount } from '../render/quantity.ts'
import { terminalWidth } from '../render/terminal-width.ts'
import { followRun } from './follow-run.ts'
import { withFleet } from './open-queue.ts'
import { fleetCommand } from './fleet-command.ts'
import { tellSubmitted } from './tell-submitted.ts'
import { watchRun } from './watch-run.ts'

interface Asked {
  readonly url: string
  readonly output: OutputArgs
  readonly detach: boolean
  readonly journalDir: string | undefined
}

type FleetAction = Asked &
  (
    | { readonly action: 'status'; readonly runId: string | undefined }
    | { readonly action: 'watch' | 'cancel' | 'retry'; readonly runId: string }
  )

/** Does what a person asked of the runs of a queue. Returns the exit code. */
export function actOnFleet(asked: FleetAction, runtime: Runtime): Promise<number> {
  return withFleet(asked.url, asked.output, runtime, (fleet) => {
    switch (asked.action) {
      case 'status':
        return showStatus(fleet, asked.runId, asked.output, runtime)
      case 'watch':
        return watch(fleet, asked.runId, asked, runtime)
      case 'cancel':
        return cancel(fleet, asked.runId, asked.output, runtime)
      case 'retry':
        return retry(fleet, asked.runId, asked, runtime)
    }
  })
}

async function showStatus(
  fleet: Fleet,
  runId: string | undefined,
  { output, quiet }: OutputArgs,
  { stdout, stderr }: Runtime,
): Promise<number> {
  const runs = await fleet.status(runId)
  if (runs.length === 0 && !quiet) stderr.write('there are no runs\n')
  if (runs.length === 0 && output === 'table') return exitCodes.ok
  return printLines(stdout, fleetStatusLines(runs, output, Date.now(), terminalWidth(stdout)))
}

/** Ctrl-C ends the watching, and the run goes on. */
async function watch(fleet: Fleet, runId: string, asked: Asked, runtime: Runtime): Promise<number> {
  const { output, journalDir, url } = asked
  const { signal, stop, stderr } = runtime
  const request = await requestOf(fleet, runId)
  const report = await watchRun({ fleet, runId, request, output, journalDir, signal }, runtime)
  const reason = stop()
  if (!signal.aborted || reason === undefined || report.state === 'finished' || report.state === 'cancelled') {
    return exitCodeOfFleet(report, undefined)
  }
  if (!output.quiet && reason !== 'output-closed') {
    stderr.write(`the run continues; to cancel it: ${fleetCommand('cancel', runId, url)}\n`)
  }
  return exitCodeOfStop(reason)
}

async function cancel(fleet: Fleet, runId: string, output: OutputArgs, runtime: Runtime): Promise<number> {
  const { signal, stdout, stderr, stop } = runtime
  const run = await fleet.cancel(runId, signal)
  const { state, ended, slices } = run
  if (!output.quiet) {
    const progress = `${formatCount(ended)} of ${formatCount(slices)} slices have a result`
    const what = state === 'cancelled' ? 'is cancelled' : 'had ended before, and was not cancelled'
    stderr.write(`run ${escapeText(runId)} ${what}: ${progress}\n`)
  }
  if (output.output !== 'table') await printLines(stdout, fleetStatusLines([run], output.output, Date.now()))
  const reason = stop()
  if (reason !== undefined) return exitCodeOfStop(reason)
  return state === 'cancelled' ? exitCodes.ok : exitCodes.failures
}

async function retry(fleet: Fleet, runId: string, asked: Asked, runtime: Runtime): Promise<number> {
  const { url, output, detach, journalDir } = asked
  const request = await requestOf(fleet, runId)
  const { slices } = await fleet.retry(runId, runtime.signal)
  await tellSubmitted({ runId, slices, joined: false, detach, url }, output, runtime)
  if (detach) return exitCodes.ok
  return followRun({ fleet, runId, request, output, journalDir }, runtime)
}

async function requestOf(fleet: Fleet, runId: string) {
  const [run] = await fleet.status(runId)
  if (run === undefined) throw new Error(`no status of run ${runId}`)
  return run.request
}
