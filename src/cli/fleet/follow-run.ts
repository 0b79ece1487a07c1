import type { FleetReport } from '../../fleet/queue/report.ts'
import type { Runtime } from '../command.ts'
import { exitCodeOfFleet } from '../exit-code.ts'
import { type WatchedRun, watchRun } from './watch-run.ts'

const cancelling =
  'cancelling the run: slices in work stop after their objects in progress; a second Ctrl-C stops at once, and the run stays cancelled'

/** Watches a run that this command gave to the workers, and cancels it on Ctrl-C. Returns the exit code. */
export async function followRun(run: Omit<WatchedRun, 'signal'>, runtime: Runtime): Promise<number> {
  const { fleet, runId, output } = run
  const { signal, speaker, stop } = runtime
  const giveUp = new AbortController()
  let cancelled: Promise<unknown> | undefined
  const onStop = () => {
    if (!output.quiet && stop() !== 'output-closed') speaker.say(cancelling)
    // The watch waits for the workers, so this must not.
    cancelled = fleet.cancel(runId, AbortSignal.abort())
    cancelled.catch((error: unknown) => giveUp.abort(error))
  }
  if (signal.aborted) onStop()
  else signal.addEventListener('abort', onStop, { once: true })
  let report: FleetReport
  try {
    report = await watchRun({ ...run, signal: giveUp.signal }, runtime)
  } catch (error) {
    // Nobody would see the end of the run. If Redis stays away, it cannot be cancelled, and the error says so.
    await fleet.cancel(runId, AbortSignal.abort()).catch(() => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', onStop)
  }
  await cancelled
  return exitCodeOfFleet(report, stop())
}
