import { ServiceError } from '../error-answer.ts'
import type { Fault } from '../faults.ts'

type Fields = Readonly<Record<string, unknown>>

const mostEntries = 10

/**
 * Answers a batch: `one` does one entry. An entry that it refuses is in `Failed`, inside the 200. The faults `keyErrorInside200` and `unansweredKeys` hit
 * entries here.
 * @throws {ServiceError} for a batch that is wrong as a whole
 */
export function answerBatch(
  { fields, fault }: { readonly fields: Fields; readonly fault: Fault | undefined },
  one: (entry: Fields) => object,
): object {
  const Successful: object[] = []
  const Failed: object[] = []
  for (const [index, entry] of entriesOf(fields).entries()) {
    const Id = entry['Id']
    const hit = faultOf(fault, index)
    if (hit === 'not-done') continue
    try {
      if (hit instanceof ServiceError) throw hit
      const done = one(entry)
      if (hit !== 'done-silently') Successful.push({ Id, ...done })
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      const { code, message: Message, status } = error
      Failed.push({ Id, Code: code.replace(/Exception$/, ''), Message, SenderFault: status < 500 })
    }
  }
  return { Successful, Failed }
}

/** Hits the first and the third of every four entries. */
function faultOf(fault: Fault | undefined, index: number): ServiceError | 'done-silently' | 'not-done' | undefined {
  const place = index % 4
  if (fault === 'keyErrorInside200') {
    if (place === 0)
      return new ServiceError(500, 'InternalError', 'We encountered an internal error. Please try again.')
    return place === 2 ? new ServiceError(503, 'RequestThrottled', 'Request is throttled.') : undefined
  }
  if (fault !== 'unansweredKeys') return undefined
  if (place === 0) return 'done-silently'
  return place === 2 ? 'not-done' : undefined
}

function entriesOf(fields: Fields): readonly Fields[] {
  const entries = fields['Entries']
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new ServiceError(400, 'EmptyBatchRequest', 'There should be at least one entry in the request.')
  }
  if (entries.length > mostEntries) {
    const message = `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`
    throw new ServiceError(400, 'TooManyEntriesInBatchRequest', message)
  }
  const ids = entries.map((entry: Fields) => entry['Id'])
  if (ids.some((id) => typeof id !== 'string' || !/^[\w-]{1,80}$/.test(id))) {
    throw new ServiceError(
      400,
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores.',
    )
  }
  if (new Set(ids).size < ids.length) {
    throw new ServiceError(
      400,
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    )
  }
  return entries as readonly Fields[]
}
