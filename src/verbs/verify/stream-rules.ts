import { hourMs } from '../../trail/calendar.ts'
import { windowHolds } from '../../trail/window.ts'
import { keyFilter } from '../../work/key-filter.ts'
import type { Selection } from '../../work/selection.ts'
import type { DeliveryPlaces } from './delivery-places.ts'
import { keyTail } from './digest-name.ts'
import type { PublicKeys } from './public-keys.ts'
import type { SourceRules } from './stream-source.ts'

/** A digest may be delivered so long after its period. */
export const graceMs = 2 * hourMs

export interface RulesContext {
  readonly nowMs: number
  readonly keys: PublicKeys
  readonly places: DeliveryPlaces
  /** What keys begin with here, `[prefix/]AWSLogs/[o-…/]`: globs are matched as if each log were here, wherever a digest says that it was. */
  readonly base: string
}

/** The rules of a run: what its selection selects, and what is due by now. */
export function rulesOf(
  { window, kinds, include, exclude }: Selection,
  { nowMs, keys, places, base }: RulesContext,
): SourceRules {
  const filter = keyFilter({ include, exclude })
  const matches = include.length + exclude.length === 0 ? () => true : (key: string) => filter(base + keyTail(key))
  return {
    window,
    nowMs,
    graceMs,
    isSelected: ({ kind, deliveredAtMs }, key) =>
      (kinds.length === 0 || kinds.includes(kind)) && windowHolds(window, deliveredAtMs) && matches(key),
    findKeys: (region, fingerprint) => keys.find(region, fingerprint),
    places,
  }
}
