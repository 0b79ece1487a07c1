import { hasCode, CrosstrailError } from '../../error.ts'
import { onDisk } from '../../disk/disk-error.ts'

/** As `onDisk`, with a hint that fits: an incomplete bag is removed. */
export function onBagDisk<T>(path: string, act: () => T): T {
  try {
    return onDisk(path, act)
  } catch (error) {
    throw withOwnHint(error)
  }
}

export function withOwnHint(error: unknown): unknown {
  if (!hasCode(error, 'disk.full')) return error
  return new CrosstrailError(error.code, error.message, {
    hint: 'free some space and run again: the incomplete evidence is removed',
    facts: error.facts,
    cause: error.cause,
  })
}
