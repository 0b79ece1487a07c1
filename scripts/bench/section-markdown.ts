import type { Row, Section } from './section.ts'

/** A table of Markdown. */
export function markdownTable(head: readonly string[], cells: readonly (readonly string[])[]): string {
  const line = (values: readonly string[]) => `| ${values.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...cells.map(line)].join('\n')
}

/** A row's heading, table and verdicts. */
export function sectionMarkdown({ title, notes }: Row, { head, cells, verdicts }: Section): string {
  return [
    `### ${title}`,
    '',
    notes.map((note) => `${note}.`).join(' '),
    '',
    markdownTable(head, cells),
    ...(verdicts.length === 0 ? [] : ['']),
    ...verdicts.map(
      ({ what, got, reached }) => `- ${reached ? 'reached' : '**not reached**'}: ${what}. Measured: ${got}`,
    ),
  ].join('\n')
}
