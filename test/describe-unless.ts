import { describe, it } from 'vitest'

/**
 * `describe` for tests that need software which not every machine has. If `missing` is given, they are skipped with a line that says
 * why, and fail if `CI=true`.
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
