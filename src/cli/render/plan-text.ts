import { formatInstant } from '../../trail/time.ts'
import type { PlanGroup, PlanKey, PlanTotal } from '../../verbs/delete/plan-facts.ts'
import type { KeysFrom } from '../../verbs/verify/options.ts'
import type { ReadyPlan } from '../../verbs/delete/ready-plan.ts'
import { escapeText, safeJson } from './escape.ts'
import { formatBytes, formatCount } from './quantity.ts'
import { type Column, textTable } from './text-table.ts'

const columns: readonly Column[] = [
  { title: 'ACCOUNT' },
  { title: 'LOG ACCOUNT' },
  { title: 'REGION' },
  { title: 'KIND' },
  { title: 'MONTH' },
  { title: 'OBJECTS', align: 'right' },
  { title: 'BYTES', align: 'right' },
]

/** A plan for people: groups, totals, the protection of the bucket, calls, and the file with its hash. `width`: of the terminal. */
export function deletePlanLines(ready: ReadyPlan, width?: number): string[] {
  const { plan, isKept, listCalls, deleteCalls } = ready
  const { planned, remaining, kept, groups, keys = [] } = plan.facts
  const { bucket } = plan.head.trail
  const { verified } = plan.head.options
  const keptText = Object.entries(kept)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${formatCount(count)} ${reason}`)
  const versions = plan.head.options.versions ? ` (${formatCount(planned.deletions)} versions and markers)` : ''
  return [
    ...(groups.length === 0 ? [] : [...textTable(columns, groups.map(groupCells), width), '']),
    `to delete  ${totalText(planned)}${versions}`,
    `to remain  ${totalText(remaining)}`,
    ...(verified === undefined ? [] : [`verified   ${verifiedText(verified.keysFrom, keys)}`]),
    ...(keptText.length === 0 ? [] : [`kept       ${keptText.join(', ')}: listed in the plan`]),
    `bucket     ${escapeText(bucket)}: ${protectionText(ready)}`,
    `calls      ${formatCount(listCalls)} LIST made, ${formatCount(deleteCalls)} DeleteObjects needed`,
    ...(isKept ? [`plan       ${escapeText(plan.file)}`, `sha-256    ${plan.sha256}`] : ['plan       not kept']),
  ]
}

/** The same as one line of JSON. A plan that is not kept has no file and no hash. */
export function deletePlanJson(ready: ReadyPlan): string {
  const { plan, isKept, protection, refusals, listCalls, deleteCalls } = ready
  const { planned, remaining, kept, groups, keys } = plan.facts
  return safeJson({
    plan: {
      ...(isKept && { file: plan.file, sha256: plan.sha256 }),
      bucket: plan.head.trail.bucket,
      created: plan.head.created,
      planned: { ...totalRecord(planned), deletions: planned.deletions },
      remaining: totalRecord(remaining),
      kept,
      groups,
      options: plan.head.options,
      keys,
      protection,
      calls: { list: listCalls, deleteObjects: deleteCalls },
      fences: refusals.map(({ code }) => code),
    },
  })
}

const mostNamed = 3

/** Which public keys prove what is deleted. */
function verifiedText(keysFrom: KeysFrom, keys: readonly PlanKey[]): string {
  if (keys.length === 0) return 'no digest was proven'
  const names = [...new Set(keys.map(({ fingerprint }) => fingerprint))].map(escapeText)
  const more = names.length > mostNamed ? ` and ${formatCount(names.length - mostNamed)} more, in the plan` : ''
  const count = `${formatCount(names.length)} public ${names.length === 1 ? 'key' : 'keys'}`
  const source = keysFrom === 'file' ? 'a file' : 'CloudTrail'
  return `every object, with ${count} from ${source}: ${names.slice(0, mostNamed).join(', ')}${more}`
}

function protectionText({ plan, protection }: ReadyPlan): string {
  const { versioning, objectLock, mfaDelete } = protection
  const also = `${objectLock ? ', Object Lock' : ''}${mfaDelete ? ', MFA Delete' : ''}`
  if (plan.head.options.versions) return `versioning ${versioning}${also}; all versions are permanently deleted`
  switch (versioning) {
    case 'enabled':
      return `versioning enabled${also}; a delete adds a marker, and the restore command undoes it`
    case 'suspended':
      return `versioning suspended${also}; objects stored since then are permanently deleted`
    case 'off':
      return `not versioned${also}; deleted objects cannot be restored`
  }
}

function totalText({ objects, bytes, oldestMs, newestMs }: PlanTotal): string {
  const times =
    oldestMs === undefined || newestMs === undefined
      ? ''
      : `, delivered from ${formatInstant(oldestMs)} to ${formatInstant(newestMs)}`
  return `${formatCount(objects)} objects, ${formatBytes(bytes)}${times}`
}

function totalRecord({ objects, bytes, oldestMs, newestMs }: PlanTotal): Readonly<Record<string, unknown>> {
  const time = (instantMs: number | undefined) => (instantMs === undefined ? undefined : formatInstant(instantMs))
  return { objects, bytes, oldest: time(oldestMs), newest: time(newestMs) }
}

function groupCells(group: PlanGroup): string[] {
  const { account, logAccount, region, kind, month, objects, bytes } = group
  return [account, logAccount, region, kind, month, formatCount(objects), formatBytes(bytes)]
}
