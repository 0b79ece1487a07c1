import { RecentRate } from '../../daemon/recent-rate.ts'
import type { RunStatus } from '../../fleet/queue/report.ts'
import { escapeText } from './escape.ts'
import type { ProgressLine, ProgressSource } from './progress-state.ts'
import { formatCount } from './quantity.ts'

/** The progress of a run over all workers, as one line. */
export class FleetProgress implements ProgressSource {
  readonly #clock: () => number
  readonly #rate = new RecentRate()
  #status: RunStatus | undefined

  constructor(clock: () => number) {
    this.#clock = clock
  }

  take(status: RunStatus): void {
    this.#status = status
    this.#rate.add(status.seenObjects, this.#clock())
  }

  lines(): ProgressLine[] {
    const status = this.#status
    if (status === undefined) return []
    const { runId, ended, slices } = status
    return [{ name: runId, settled: ended, total: slices, text: fleetText(status, this.#rate.perSecond()) }]
  }
}

/** `copy: 12 of 200 slices, 8 active, 180 waiting, 3 workers, 45,678 objects, 1,234 objects/s, 2 failed`. */
export function fleetText(status: RunStatus, rate: number | undefined): string {
  const { request, state, slices, ended, active, workers, seenObjects, failed, bad } = status
  const parts = [
    `${formatCount(ended)} of ${formatCount(slices)} slices`,
    `${formatCount(active)} active`,
    `${formatCount(Math.max(0, slices - ended - active))} waiting`,
    workers === 0 ? 'no worker' : `${formatCount(workers)} ${workers === 1 ? 'worker' : 'workers'}`,
    `${formatCount(seenObjects)} objects`,
  ]
  if (rate !== undefined) parts.push(`${formatCount(Math.round(rate))} objects/s`)
  if (failed > 0) parts.push(`${formatCount(failed)} failed`)
  if (bad > 0) parts.push(`${formatCount(bad)} ${bad === 1 ? 'slice' : 'slices'} with failures`)
  if (state === 'cancelled' || state === 'submitting') parts.push(state)
  return `${escapeText(request.verb)}: ${parts.join(', ')}`
}
