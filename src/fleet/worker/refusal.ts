import { resolve, sep } from 'node:path'
import { maskedText } from '../../secrets/masked-text.ts'
import type { CopyOptions } from '../../verbs/copy/options.ts'
import type { DownloadOptions } from '../../verbs/download/options.ts'
import type { ExportOptions } from '../../verbs/events/options.ts'
import type { VerifyOptions } from '../../verbs/verify/options.ts'
import { type FleetRequest, type FleetSlice, fleetVerbs, type SlicePlace } from '../format.ts'
import { targetOf } from '../request-target.ts'
import { seesFolder } from '../shared-folder.ts'

/** Why a worker must not run a slice. */
export interface Refusal {
  readonly code:
    | 'fleet.other-format'
    | 'fleet.unknown-label'
    | 'fleet.other-place'
    | 'fleet.other-folder'
    | 'fleet.target-not-allowed'
    | 'fleet.option-not-allowed'
  readonly message: string
}

export interface WorkerRules {
  readonly places: ReadonlyMap<string, SlicePlace>
  /** Folders and `s3://…` prefixes. Empty: everywhere. */
  readonly allowTo: readonly string[]
}

/** What submitters send. Other options could name files of this machine, and then somebody else wrote the request. */
const knownOptions = {
  copy: [
    'to',
    'toOwner',
    'toRegion',
    'toAccount',
    'storage',
    'overwrite',
    'dryRun',
    'thaw',
  ] satisfies (keyof CopyOptions)[],
  download: [
    'to',
    'layout',
    'decompress',
    'overwrite',
    'dryRun',
    'maxInflatedBytes',
  ] satisfies (keyof DownloadOptions)[],
  verify: ['keysFile', 'movedFrom', 'maxInflatedBytes'] satisfies (keyof VerifyOptions)[],
  events: ['to', 'window', 'lateMs', 'conditions', 'maxInflatedBytes'] satisfies (keyof ExportOptions)[],
}

/** Returns why the slice must not run here, or undefined if it may. */
export function refusalOf(
  { verb, options }: FleetRequest,
  { place }: FleetSlice,
  { places, allowTo }: WorkerRules,
): Refusal | undefined {
  if (!fleetVerbs.includes(verb)) return notAllowed('it does not know the verb of the run')
  const { account } = place
  const own = places.get(account)
  if (own === undefined) {
    return { code: 'fleet.unknown-label', message: `its config has no account ${account}` }
  }
  const differs = (['role', 'bucket', 'owner', 'prefix', 'organization'] as const).find(
    (field) => (own[field] ?? '') !== (place[field] ?? ''),
  )
  if (differs !== undefined) {
    const [here, there] = [own[differs] ?? 'none', place[differs] ?? 'none']
    const message = `in its config, account ${account} has the ${differs} ${here}, and the submitter's has ${there}`
    return { code: 'fleet.other-place', message: maskedText(message) }
  }
  const known: readonly string[] = knownOptions[verb]
  const other = Object.keys(options).find((name) => !known.includes(name))
  if (other !== undefined) return notAllowed(`it runs no slice of ${verb} with the option ${other}`)
  if (verb === 'verify') return undefined
  const target = targetOf({ options })
  if (target === undefined) return notAllowed(`it runs no slice of ${verb} without a target`)
  const writer = target.account
  if (writer !== undefined) {
    const role = places.get(writer)?.role
    if (role === undefined) {
      return { code: 'fleet.unknown-label', message: `its config has no account ${writer}, which writes` }
    }
    if (role !== place.writerRole) {
      const message = `in its config, account ${writer} has the role ${role}, and the submitter's has ${place.writerRole ?? 'none'}`
      return { code: 'fleet.other-place', message: maskedText(message) }
    }
  }
  if (allowTo.length === 0 || allowTo.some((allowed) => isInside(target.to, allowed))) return undefined
  return { code: 'fleet.target-not-allowed', message: `it must not write to ${target.to}: see its --allow-to` }
}

/** Refuses a run whose folder is another one here. Without this check, logs would go to a disk that nobody looks at, and the run would succeed. */
export function folderRefusalOf(request: FleetRequest, runId: string): Refusal | undefined {
  if (seesFolder(request, runId)) return undefined
  const { to = '' } = targetOf(request) ?? {}
  const message = `${to} is another folder here than for the submitter: mount the shared file system there`
  return { code: 'fleet.other-folder', message }
}

function notAllowed(message: string): Refusal {
  return { code: 'fleet.option-not-allowed', message }
}

/** Whether a target is an allowed folder or prefix, or lies in it. Names are compared as a whole: `/data` does not allow `/data2`. */
function isInside(target: string, allowed: string): boolean {
  const isBucket = target.startsWith('s3://')
  if (isBucket !== allowed.startsWith('s3://')) return false
  if (!isBucket) return inFolder(resolve(target), resolve(allowed))
  const [whole, part] = [withSlash(target, '/'), withSlash(allowed, '/')]
  return whole.startsWith(part)
}

function inFolder(target: string, allowed: string): boolean {
  return withSlash(target, sep).startsWith(withSlash(allowed, sep))
}

function withSlash(text: string, slash: string): string {
  return text.endsWith(slash) ? text : text + slash
}
