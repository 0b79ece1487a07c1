/** Keys are read and written in groups of this size, so that Redis answers others in between. */
export const groupSize = 500

export function* groups<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < values.length; at += groupSize) yield values.slice(at, at + groupSize)
}
