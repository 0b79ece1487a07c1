import { sectionMarkdown } from './section-markdown.ts'
import type { Bench, Row, Section } from './section.ts'

export interface Found {
  /** If false, the verdicts of a row are left out. */
  readonly isJudged: boolean
  /** Keeps what a row found. */
  readonly save?: ((row: Row, section: Section) => void) | undefined
}

/**
 * Measures rows and prints what they find. A row that fails, for example because its server is not installed, is told, and the others are
 * measured. Resolves to whether one failed.
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
