import { dayMs } from '../../trail/calendar.ts'
import { dayOf } from '../../trail/time.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { cellStates, type CellState, type HeatMap, type MapRow } from './figures.ts'
import type { StreamDays } from './stream-days.ts'

export interface MapStream {
  readonly logAccount: AccountId
  readonly region: string
  readonly days: StreamDays
  readonly logs: number
  readonly bytes: number
}

/** The time that a map covers, and until when something is expected in it. */
export interface MapSpan {
  readonly fromMs: number
  readonly toMs: number
  /** What was delivered after it may not be listed by a digest yet. */
  readonly dueMs: number
}

/** With more cells, a cell is a week. */
const mostDayCells = 20_000
const weekDays = 7

const letterOf: Readonly<Record<CellState, string>> = {
  none: '.',
  quiet: 'q',
  verified: 'v',
  delivered: 'd',
  'no-digests': 'n',
  pending: 'p',
  late: 'l',
  silent: 's',
  unverified: 'u',
  missing: 'm',
}

const severity = new Map(cellStates.map((state, at) => [state, at]))

/** Makes the map of all streams. The state of a week is that of its worst day. */
export function heatMap(streams: readonly MapStream[], { fromMs, toMs, dueMs }: MapSpan): HeatMap {
  const firstDay = Math.floor(fromMs / dayMs)
  const days = Math.max(0, Math.ceil(toMs / dayMs) - firstDay)
  const isWeekly = days * streams.length > mostDayCells
  const stepDays = isWeekly ? weekDays : 1
  const starts = Array.from({ length: Math.ceil(days / stepDays) }, (_, at) => firstDay + at * stepDays)
  const counts = Object.fromEntries(cellStates.map((state) => [state, 0])) as Record<CellState, number>
  const expected = { fromMs, toMs: Math.min(toMs, dueMs) }
  const rows = streams.map(({ logAccount, region, days: of, logs, bytes }): MapRow => {
    let states = ''
    for (const start of starts) {
      let worst: CellState = 'none'
      for (let day = start; day < Math.min(start + stepDays, firstDay + days); day++) {
        const state = of.stateOf(day, expected)
        if ((severity.get(state) ?? 0) > (severity.get(worst) ?? 0)) worst = state
      }
      counts[worst]++
      states += letterOf[worst]
    }
    return { logAccount, region, states, logs, bytes }
  })
  return {
    step: isWeekly ? 'week' : 'day',
    steps: starts.map((day) => dayOf(day * dayMs)),
    rows,
    letters: Object.fromEntries(cellStates.map((state) => [letterOf[state], state])),
    counts,
  }
}
