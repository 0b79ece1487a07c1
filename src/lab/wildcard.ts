/** Matches IAM's patterns: `*` for any run of characters, `?` for one. */
export function matchesWildcard(text: string, pattern: string): boolean {
  if (pattern === '*' || text === pattern) return true
  if (!pattern.includes('*') && !pattern.includes('?')) return false
  let compiled = compiledPatterns.get(pattern)
  if (compiled === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    compiled = new RegExp(`^${source}$`, 's')
    compiledPatterns.set(pattern, compiled)
  }
  return compiled.test(text)
}

const compiledPatterns = new Map<string, RegExp>()
