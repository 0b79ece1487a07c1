const surrogatePattern = /[\uD800-\uDFFF]/

/** Compares two keys in the order of S3, by their UTF-8 bytes: negative, 0 or positive. Keys are well-formed strings. */
export function compareKeys(a: string, b: string): number {
  if (surrogatePattern.test(a) || surrogatePattern.test(b)) return compareBytes(a, b)
  if (a < b) return -1
  return a === b ? 0 : 1
}

/** Whether each key comes after the one before it, and the first key after `after`. */
export function keysRise(keys: Iterable<{ readonly key: string }>, after: string | undefined): boolean {
  let last = after
  // Scans each key once; `compareKeys` would scan it twice.
  let isPlain = last === undefined || !surrogatePattern.test(last)
  for (const { key } of keys) {
    const wasPlain = isPlain
    isPlain = !surrogatePattern.test(key)
    if (last !== undefined && !(wasPlain && isPlain ? last < key : compareBytes(last, key) < 0)) return false
    last = key
  }
  return true
}

/** The two orders differ in one thing: code points from U+10000 sort before U+E000 to U+FFFF in UTF-16, and after them in UTF-8. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
