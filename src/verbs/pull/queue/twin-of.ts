import type { ObjectReader, Sink } from '../../../sinks/sink.ts'
import { sliceOf } from '../../../trail/slice.ts'
import type { TrailLayout } from '../../../trail/trail.ts'
import type { ObjectAction } from '../../../work/object-action.ts'
import type { SourceSlice } from '../../../work/source.ts'
import type { PlacedKey } from './place-announced.ts'

/** Returns what the target has under one key, if the sink asks for that: it must not overwrite a log that differs. */
export async function twinOf(
  sink: Sink | undefined,
  { key, account, parts: { logAccount, region, kind } }: PlacedKey,
  layout: TrailLayout,
): Promise<unknown> {
  if (sink?.twins === undefined) return undefined
  const slice = sliceOf({ layout, account, logAccount, region, kind, window: {} })
  return (await sink.twins({ ...slice, prefix: key }).of([key])).get(key)
}

/** Announced keys come in no order, so their twins are looked up one by one. */
export function withoutTwins(action: ObjectAction<ObjectReader>): ObjectAction<ObjectReader, unknown, SourceSlice> {
  return { ...action, twins: undefined }
}
