import type { Environment } from '../../config/environment.ts'

export type Mark = 'ok' | 'warning' | 'failed' | 'skipped'

/** Marks of one character each. Plain ASCII if the locale names another encoding than UTF-8. */
export function marksFor(env: Environment): Readonly<Record<Mark, string>> {
  // Empty counts as not set, as in POSIX. If no locale is named, most terminals use UTF-8
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  return locale === undefined || locale === '' || /utf-?8/i.test(locale) ? unicode : ascii
}

const unicode = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const
const ascii = { ok: '+', warning: '!', failed: 'x', skipped: '-' } as const
