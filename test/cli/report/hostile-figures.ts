import type { ReportFigures } from '../../../src/verbs/report/figures.ts'

/** Names that try to break out of a page, or to mislead its reader. */
export const hostileTexts: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><script>alert(1)</script>',
  '</title><h1>Complete</h1>',
  ']]><svg onload=alert(1)>',
  '&lt;b&gt;&amp;',
  '<!-- comment',
  'a line\nand another\r\n',
  'a\u202eb\u2066c\u200b',
  'a\ud800b\udc00',
  'a\u0000b\u0007\u009b',
  'x'.repeat(10_000),
]

/** The fields whose texts come from keys, records, servers or files. */
const foreignFields = new Set([
  'bucket',
  'prefix',
  'organization',
  'dirs',
  'label',
  'role',
  'regions',
  'region',
  'account',
  'message',
  'hint',
  'advice',
  'command',
  'key',
  'newestKey',
  'trail',
  'fingerprint',
  'source',
  'retention',
  'encryption',
  'lifecycle',
  'run',
  'verb',
  'value',
])

/** The figures with a text in each field that a stranger may have chosen. */
export function withForeignTexts(figures: ReportFigures, text: string): ReportFigures {
  return replaced(figures, text, false) as ReportFigures
}

function replaced(value: unknown, text: string, isForeign: boolean): unknown {
  if (typeof value === 'string') return isForeign ? text : value
  if (Array.isArray(value)) return value.map((one) => replaced(one, text, isForeign))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, replaced(one, text, foreignFields.has(name))]),
  )
}
