import type { openFleet } from '../../fleet/queue/fleet.ts'
import type { planFleet } from '../../fleet/plan-run.ts'
import type { serveWorker } from '../../fleet/worker/serve-worker.ts'

/** What the command line needs of fleets. Tests have their own. */
export interface Fleets {
  readonly open: typeof openFleet
  readonly plan: typeof planFleet
  readonly serve: typeof serveWorker
}

/** Loads the code of fleets when it is called. */
export const lazyFleets: Fleets = {
  async open(options) {
    const { openFleet } = await import('../../fleet/queue/fleet.ts')
    return openFleet(options)
  },
  async plan(...request) {
    const { planFleet } = await import('../../fleet/plan-run.ts')
    return planFleet(...request)
  },
  async serve(options) {
    const { serveWorker } = await import('../../fleet/worker/serve-worker.ts')
    return serveWorker(options)
  },
}
