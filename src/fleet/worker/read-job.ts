import { jobFormat, type FleetSlice } from '../format.ts'
import type { SliceJob } from '../queue/slice-jobs.ts'

/**
 * Reads the data of a job. Returns the number of its format if that is another one, because the rest may then be anything. Returns undefined if it is
 * no job of crosstrail.
 */
export function readJob(
  data: unknown,
): SliceJob | { readonly otherFormat: number; readonly runId: string } | undefined {
  const { format, runId, slice } = (data ?? {}) as Partial<SliceJob>
  if (typeof format !== 'number' || typeof runId !== 'string' || !isName(runId)) return undefined
  if (format !== jobFormat) return { otherFormat: format, runId }
  return isSlice(slice) ? { format, runId, slice } : undefined
}

function isSlice(value: Partial<FleetSlice> | undefined): value is FleetSlice {
  const { id, place, logAccount, fromMs, toMs } = value ?? {}
  const texts: unknown[] = [id, logAccount, place?.account, place?.role, place?.bucket, place?.owner, place?.prefix]
  const isWhole = texts.every((text) => typeof text === 'string') && Number.isFinite(fromMs) && Number.isFinite(toMs)
  return isWhole && isName(id ?? '')
}

/** Names of files are made of ids. Whoever can write to Redis must not choose the folder of a file with them. */
function isName(id: string): boolean {
  return /^[\w-]{1,200}$/.test(id)
}
