import type { EventSpan } from '../../records/record.ts'
import { minuteMs } from '../../trail/calendar.ts'
import type { Window } from '../../trail/window.ts'
import type { EventsOptions } from './options.ts'

/** Whether an event happened in a window, at least for some time. An event without a time is in no window but the open one. */
export function isInWindow(span: EventSpan | undefined, { fromMs, toMs }: Window): boolean {
  if (fromMs === undefined && toMs === undefined) return true
  return span !== undefined && span.startMs < (toMs ?? Infinity) && span.endMs > (fromMs ?? -Infinity)
}

/**
 * When logs with events of the window may be delivered: at the earliest in the minute of the event, because file names have minutes, and at
 * the latest `lateMs` after it.
 */
export function deliveryWindow({ window: { fromMs, toMs }, lateMs }: Pick<EventsOptions, 'window' | 'lateMs'>): Window {
  return {
    fromMs: fromMs === undefined ? undefined : Math.floor(fromMs / minuteMs) * minuteMs,
    toMs: toMs === undefined ? undefined : toMs + lateMs,
  }
}
