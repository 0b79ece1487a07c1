import { WorkerMeter } from '../../daemon/metrics/worker-meter.ts'
import { withWorkerPages } from '../../daemon/with-worker-pages.ts'
import { version } from '../../config/own-version.ts'
import type { AccessArgs } from '../access-args.ts'
import type { Runtime } from '../command.ts'
import { exitCodeOfStop, exitCodes } from '../exit-code.ts'
import type { OutputArgs } from '../options/output.ts'
import type { WorkingArgs } from '../options/working.ts'
import { workerTalk } from '../render/worker-talk.ts'
import { withFleet } from './open-queue.ts'

interface Work {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly working: WorkingArgs
}

/** Takes slices until it is stopped, or until nothing is left. Returns the exit code. */
export function workOnFleet({ aws, output, working }: Work, runtime: Runtime): Promise<number> {
  const { url, listen, ...how } = working
  const { signal, stop } = runtime
  return withFleet(url, output, runtime, async (fleet) => {
    const meter = new WorkerMeter()
    const talk = workerTalk(output, runtime)
    const report = await withWorkerPages({ listen, meter, version: version(), note: talk.note }, () => {
      talk.note(`taking slices from ${fleet.shown}`)
      return runtime.fleets.serve({
        ...how,
        fleet,
        appOptions: aws,
        signal,
        listener(event) {
          meter.take(event)
          talk.take(event)
        },
      })
    })
    talk.finish(report)
    const reason = stop()
    if (reason !== undefined && reason !== 'output-closed') return exitCodeOfStop(reason)
    return report.bad > 0 || reason !== undefined ? exitCodes.failures : exitCodes.ok
  })
}
