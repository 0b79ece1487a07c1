import { parseFileName } from './file-name.ts'
import { isAccountId } from './account-id.ts'
import { kindOfFolder } from './kind.ts'
import type { ParsedKey } from './parsed-key.ts'
import { isRegion } from './region.ts'

const namePattern = /^(\d{12})_([A-Za-z][\w-]*?)_([a-z0-9-]+)_(?:.*_)?(\d{4})(\d{2})(\d{2})T\d{4}(?:\d{2})?Z/

/**
 * What the name of a file says, wherever it lies: for trees that are no mirror of a bucket. Its folder says the kind if the name does not.
 * A file without `.gz` was unzipped. Undefined for a name that CloudTrail does not write.
 */
export function parseLogFileName(path: string): ParsedKey | undefined {
  const segments = path.split('/')
  const name = segments.at(-1) ?? ''
  const [, account = '', token = '', region = '', year, month, day] = namePattern.exec(name) ?? []
  const folder = segments.slice(0, -1).findLast((segment) => kindOfFolder(segment) !== undefined)
  const kind = kindOfFolder(token) ?? kindOfFolder(folder ?? '')
  if (kind === undefined || !isAccountId(account) || !isRegion(region)) return undefined
  const zipped = name.endsWith('.gz') ? name : `${name}.gz`
  return parseFileName(`${year}/${month}/${day}/${zipped}`, 0, account, region, kind)
}
