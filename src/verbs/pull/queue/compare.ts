import type { RunListener } from '../../../work/run-event.ts'
import type { PullQueue } from './options.ts'

/** Tells the ledger which logs a listing found before the queue announced them. */
export function comparing(listener: RunListener, { ledger }: PullQueue): RunListener {
  return (event) => {
    if (event.type === 'outcome') {
      const { outcome } = event
      const isTaken = outcome.status === 'done' || (outcome.status === 'skipped' && outcome.reason === 'present')
      if (isTaken) ledger.listed(outcome.object.key, outcome.object.lastModifiedMs)
    }
    listener(event)
  }
}
