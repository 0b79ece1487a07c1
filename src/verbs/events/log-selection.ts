import { CrosstrailError } from '../../error.ts'
import type { Selection } from '../../work/selection.ts'
import { deliveryWindow } from './event-window.ts'
import { eventKinds, type EventsOptions } from './options.ts'

/** Selects the logs that may hold the events. Throws `usage.conflict` if digests are selected. */
export function logSelection(options: Pick<EventsOptions, 'selection' | 'window' | 'lateMs'>): Selection {
  const { selection } = options
  if (selection.kinds.includes('digest')) {
    throw new CrosstrailError('usage.conflict', 'digests hold no events', { hint: 'select other kinds of logs' })
  }
  const kinds = selection.kinds.length === 0 ? eventKinds : selection.kinds
  return { ...selection, kinds, window: deliveryWindow(options) }
}
