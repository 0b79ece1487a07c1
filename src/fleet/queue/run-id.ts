import { createHash } from 'node:crypto'
import type { Trail } from '../../trail/trail.ts'
import { type FleetRequest, jobFormat } from '../format.ts'

/**
 * Returns the id of a run: a hash of its verb, trail, selection and options. The same command has the same id, on every machine, so submitting it
 * twice joins the run. The order of fields and of names that are only selected does not matter.
 */
export function fleetRunId({ verb, options, selection }: FleetRequest, trail: Trail): string {
  const { bucket, owner, region, prefix, organization } = trail
  const chosen = Object.fromEntries(
    Object.entries(selection).map(([name, value]) => [
      name,
      Array.isArray(value) ? [...new Set(value as string[])].toSorted() : (value as unknown),
    ]),
  )
  const what = {
    format: jobFormat,
    verb,
    trail: { bucket, owner, region, prefix, organization },
    selection: chosen,
    options,
  }
  return createHash('sha256')
    .update(JSON.stringify(ordered(what)))
    .digest('hex')
    .slice(0, 16)
}

/** Returns the same data with the fields of all objects in one order, as JSON would carry it. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(
    fields.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([name, field]) => [name, ordered(field)]),
  )
}
