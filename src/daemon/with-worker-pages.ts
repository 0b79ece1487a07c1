import { isLoopback, type ListenAddress, startHealthServer } from './health-server.ts'
import { workerPage } from './metrics/worker-families.ts'
import type { WorkerMeter } from './metrics/worker-meter.ts'
import { stuckWorker, workerProblem } from './worker-health.ts'

interface WorkerPages {
  /** Undefined: there are no pages. */
  readonly listen: ListenAddress | undefined
  readonly meter: WorkerMeter
  readonly version: string
  readonly note: (text: string) => void
}

/** Serves the metrics and the health of a worker while `act` runs. Throws `network.cannot-listen`, and as `act`. */
export async function withWorkerPages<T>(
  { listen, meter, version, note }: WorkerPages,
  act: () => Promise<T>,
): Promise<T> {
  if (listen === undefined) return act()
  const server = await startHealthServer(listen, {
    metrics: () => workerPage(meter.numbers(), version),
    health: () => workerProblem(meter.pulse()),
    live: () => stuckWorker(meter.pulse()),
  })
  note(`listening on ${server.url}${isLoopback(listen) ? '' : ', reachable from other machines'}`)
  try {
    return await act()
  } finally {
    await server.close()
  }
}
