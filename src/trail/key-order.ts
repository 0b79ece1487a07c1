const surrogatePattern = /[\uD800-\uDFFF]/

/** Compares two keys as S3 sorts them, by their UTF-8 bytes: negative, 0 or positive. Keys are well-formed strings. */
export function compareKeys(a: string, b: string): number {
  if (surrogatePattern.test(a) || surrogatePattern.test(b)) return compareBytes(a, b)
  if (a < b) return -1
  return a === b ? 0 : 1
}

/** Whether each key comes after the one before it, and the first after `after`. */
export function keysRise(keys: Iterable<{ readonly key: string }>, after: string | undefined): boolean {
  let last = after
  // Each is looked at once, where `compareKeys` would look twice.
  let isPlain = last === undefined || !surrogatePattern.test(last)
  for (const { key } of keys) {
    const wasPlain = isPlain
    isPlain = !surrogatePattern.test(key)
    if (last !== undefined && !(wasPlain && isPlain ? last < key : compareBytes(last, key) < 0)) return false
    last = key
  }
  return true
}

/** UTF-16 puts code points from U+10000 before U+E000 to U+FFFF, UTF-8 after them: the one difference of the two orders. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
