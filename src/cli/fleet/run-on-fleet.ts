import type { CrosstrailApp } from '../../app/crosstrail.ts'
import type { FleetRequest } from '../../fleet/format.ts'
import { type AccessArgs, withCrosstrail } from '../access-args.ts'
import type { Runtime } from '../command.ts'
import { exitCodeOfSubmitted } from '../exit-code.ts'
import type { FleetArgs } from '../options/fleet.ts'
import type { OutputArgs } from '../options/output.ts'
import { startTalk } from '../render/talk.ts'
import { followRun } from './follow-run.ts'
import { withFleet } from './open-queue.ts'
import { tellSubmitted } from './tell-submitted.ts'

interface FleetRun {
  readonly aws: AccessArgs
  readonly output: OutputArgs
  readonly fleet: FleetArgs
  readonly journalDir?: string | undefined
}

/** Gives a run to the workers of a queue, and shows what they do, unless it is to be left to them. Returns the exit code. */
export function runOnFleet({ aws, output, fleet, journalDir }: FleetRun, runtime: Runtime): Promise<number> {
  const { request, url, detach } = fleet
  return withFleet(url, output, runtime, async (queue) => {
    let unplanned: Readonly<Record<string, string>> = {}
    const submitted = await withCrosstrail(aws, runtime, (crosstrail) =>
      queue.submit(
        request,
        async () => {
          const plan = await planRun(crosstrail, request, output, runtime)
          unplanned = Object.fromEntries(
            plan.report.accounts.flatMap(({ account, error }) => (error === undefined ? [] : [[account, error.code]])),
          )
          return plan
        },
        { trail: crosstrail.config.trail, signal: runtime.signal },
      ),
    )
    await tellSubmitted({ ...submitted, detach, url }, output, runtime)
    if (detach) return exitCodeOfSubmitted(unplanned)
    return followRun({ fleet: queue, runId: submitted.runId, request, output, journalDir }, runtime)
  })
}

/** Finds the slices, and tells which accounts cannot be read. */
async function planRun(crosstrail: CrosstrailApp, request: FleetRequest, output: OutputArgs, runtime: Runtime) {
  const talk = startTalk({ ...runtime, output, resultsOnStdout: false, failuresOnStdout: false, moves: false })
  try {
    return await runtime.fleets.plan(crosstrail, request, talk.listener)
  } finally {
    talk.stop()
  }
}
