import { compareKeys } from '../trail/key-order.ts'

export interface KeyPageRequest {
  readonly prefix: string
  readonly delimiter: string
  /** Only entries that sort after this. */
  readonly after: string
  readonly maxKeys: number
}

export interface KeyPage {
  readonly keys: readonly string[]
  readonly commonPrefixes: readonly string[]
  readonly isTruncated: boolean
  /** The last key or common prefix of the page, where the next page continues. */
  readonly last: string
}

/**
 * Returns one page of sorted keys, as S3 makes it. Common prefixes count as entries, and are left out if they do not sort after `after`.
 * `isListed` says which keys are visible. Costs a binary search for the start and for every common prefix.
 */
export function keyPage(
  sorted: readonly string[],
  request: KeyPageRequest,
  isListed: (key: string) => boolean,
): KeyPage {
  const { prefix, delimiter, after, maxKeys } = request
  const keys: string[] = []
  const commonPrefixes: string[] = []
  let last = ''
  let index = firstIndex(sorted, (key) => compareKeys(key, prefix) < 0 || compareKeys(key, after) <= 0)
  for (; index < sorted.length; index += 1) {
    const key = sorted[index] ?? ''
    if (!key.startsWith(prefix)) break
    if (!isListed(key)) continue
    const commonPrefix = commonPrefixOf(key, prefix, delimiter)
    if (commonPrefix === undefined || compareKeys(commonPrefix, after) > 0) {
      if (keys.length + commonPrefixes.length >= maxKeys)
        return { keys, commonPrefixes, isTruncated: maxKeys > 0, last }
      last = commonPrefix ?? key
      if (commonPrefix === undefined) keys.push(key)
      else commonPrefixes.push(commonPrefix)
    }
    if (commonPrefix !== undefined) index = indexBehind(sorted, commonPrefix) - 1
  }
  return { keys, commonPrefixes, isTruncated: false, last }
}

/** Returns the index of the first key that is not below: where `isBelow` turns from true to false. */
export function firstIndex(keys: readonly string[], isBelow: (key: string) => boolean): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBelow(keys[middle] ?? '')) low = middle + 1
    else high = middle
  }
  return low
}

function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined
  const end = key.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : key.slice(0, end + delimiter.length)
}

function indexBehind(sorted: readonly string[], prefix: string): number {
  return firstIndex(sorted, (key) => key.startsWith(prefix) || compareKeys(key, prefix) < 0)
}
