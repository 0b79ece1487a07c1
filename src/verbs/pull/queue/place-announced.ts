import type { AnnouncedObject } from '../../../queue/announced.ts'
import { parseKey } from '../../../trail/key.ts'
import type { ParsedKey } from '../../../trail/parsed-key.ts'
import type { TrailLayout } from '../../../trail/trail.ts'
import type { Assignment } from '../../../work/assignment.ts'
import { keyFilter } from '../../../work/key-filter.ts'
import type { Selection } from '../../../work/selection.ts'
import { isAssigned, isSelected } from '../stream-plan.ts'

/** A key that a queue announced, and the account that reads it. */
export interface PlacedKey {
  readonly key: string
  readonly account: string
  readonly parts: ParsedKey
}

export interface Placing {
  readonly bucket: string
  readonly layout: TrailLayout
  readonly assignments: readonly Assignment[]
  readonly selection: Selection
}

/** Returns a function that finds the account for an announced key. It returns undefined for a key of another trail, and for one that this pull does not select. */
export function placer({ bucket, layout, assignments, selection }: Placing) {
  const filter = keyFilter(selection)
  return (announced: AnnouncedObject): PlacedKey | undefined => {
    if (announced.bucket !== bucket) return undefined
    const { key } = announced
    const parts = parseKey(key, layout)
    if (parts === undefined || !isSelected(parts, selection) || !filter(key)) return undefined
    const assignment = assignments.find((each) => isAssigned(parts, each))
    return assignment && { key, account: assignment.account, parts }
  }
}
