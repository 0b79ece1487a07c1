import { describe, it } from 'vitest'

/**
 * `describe` for tests that need what not every machine has: with something `missing` they are skipped with one line that says it, and fail
 * when `CI=true`.
 */
export function describeUnless(missing: string | undefined, title: string, tests: () => void): void {
  if (missing === undefined) {
    describe(title, tests)
  } else if (process.env['CI'] === 'true') {
    it(title, () => {
      throw new Error(missing)
    })
  } else {
    process.stderr.write(`skipped: ${title} (${missing})\n`)
    describe.skip(title, tests)
  }
}
