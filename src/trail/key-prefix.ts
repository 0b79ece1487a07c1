import type { AccountId } from './account-id.ts'
import { type Kind, kindFolder } from './kind.ts'
import type { TrailLayout } from './trail.ts'

/** Returns the layout with no slashes at the ends of its prefix. */
export function normalizeLayout(layout: TrailLayout): TrailLayout {
  return { ...layout, prefix: withoutOuterSlashes(layout.prefix) }
}

/** The common beginning of the trail's keys: `[prefix/]AWSLogs/[o-…/]`. A listing of it with `Delimiter=/` returns the log accounts. */
export function logsBase(layout: TrailLayout): string {
  const prefix = withoutOuterSlashes(layout.prefix)
  const folder = prefix === '' ? 'AWSLogs/' : `${prefix}/AWSLogs/`
  return layout.organization === undefined ? folder : `${folder}${layout.organization}/`
}

/** `[prefix/]AWSLogs/`: its folders are log accounts and organizations. */
export function topBase({ prefix }: TrailLayout): string {
  return logsBase({ prefix })
}

/** `…AWSLogs/222222222222/`: its folders are the kinds. */
export function accountPrefix(layout: TrailLayout, logAccount: AccountId): string {
  return `${logsBase(layout)}${logAccount}/`
}

/** `…/222222222222/CloudTrail/`: its folders are the regions. The slash at the end excludes `CloudTrail-Digest/`. */
export function kindPrefix(layout: TrailLayout, logAccount: AccountId, kind: Kind): string {
  return `${accountPrefix(layout, logAccount)}${kindFolder(kind)}/`
}

/** `…/222222222222/CloudTrail/us-east-1/`: the prefix that a slice lists. */
export function regionPrefix(layout: TrailLayout, logAccount: AccountId, kind: Kind, region: string): string {
  return `${kindPrefix(layout, logAccount, kind)}${region}/`
}

function withoutOuterSlashes(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text[start] === '/') start++
  while (end > start && text[end - 1] === '/') end--
  return text.slice(start, end)
}
