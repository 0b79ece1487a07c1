import type { Environment } from '../../config/environment.ts'

export type Mark = 'ok' | 'warning' | 'failed' | 'skipped'

/** Signs of one character each; plain ASCII where the locale names another encoding than UTF-8. */
export function marksFor(env: Environment): Readonly<Record<Mark, string>> {
  // Empty counts as not set, as POSIX has it; where no locale is named, most readers take UTF-8.
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  return locale === undefined || locale === '' || /utf-?8/i.test(locale) ? unicode : ascii
}

const unicode = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const
const ascii = { ok: '+', warning: '!', failed: 'x', skipped: '-' } as const
