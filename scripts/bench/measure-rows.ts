import { sectionMarkdown } from './section-markdown.ts'
import type { Bench, Row, Section } from './section.ts'

export interface Found {
  /** If false, the verdicts of a row are omitted. */
  readonly isJudged: boolean
  /** Stores the result of a row. */
  readonly save?: ((row: Row, section: Section) => void) | undefined
}

/**
 * Measures rows and prints their results. If a row fails, for example because its server is not installed, it prints the error and measures
 * the others. Resolves with whether a row failed.
 */
export async function measureRows(rows: readonly Row[], bench: Bench, { isJudged, save }: Found): Promise<boolean> {
  let hasFailed = false
  for (const row of rows) {
    try {
      const found = await row.run(bench)
      const section = isJudged ? found : { ...found, verdicts: [] }
      console.log(`\n${sectionMarkdown(row, section)}`)
      save?.(row, section)
    } catch (error) {
      console.error(`\nthe row ${row.name} failed: ${error instanceof Error ? error.message : String(error)}`)
      hasFailed = true
    }
  }
  return hasFailed
}
