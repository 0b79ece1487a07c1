import { resolve, sep } from 'node:path'
import { maskedText } from '../../secrets/masked-text.ts'
import { type FleetRequest, type FleetSlice, fleetVerbs, type SlicePlace } from '../format.ts'

/** Why a worker must not run a slice. */
export interface Refusal {
  readonly code:
    | 'fleet.other-format'
    | 'fleet.unknown-label'
    | 'fleet.other-place'
    | 'fleet.target-not-allowed'
    | 'fleet.option-not-allowed'
  readonly message: string
}

export interface WorkerRules {
  readonly places: ReadonlyMap<string, SlicePlace>
  /** Folders and `s3://…` prefixes. Empty: everywhere. */
  readonly allowTo: readonly string[]
}

/** Options that name files of this machine beside the target. No submitter sends them, so somebody else wrote the slice. */
const localOptions = ['dirs', 'evidence', 'saveKeys', 'journalDir']

/** Returns why the slice must not run here, or undefined if it may. */
export function refusalOf(
  { verb, options }: FleetRequest,
  { place }: FleetSlice,
  { places, allowTo }: WorkerRules,
): Refusal | undefined {
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
  const named = localOptions.find((name) => isGiven(options[name]))
  if (named !== undefined || !fleetVerbs.includes(verb)) {
    return { code: 'fleet.option-not-allowed', message: `it runs no slice of ${verb} with the option ${named ?? ''}` }
  }
  const target = targetOf(options)
  if (target === undefined || allowTo.length === 0 || allowTo.some((allowed) => isInside(target, allowed))) {
    return undefined
  }
  return { code: 'fleet.target-not-allowed', message: `it must not write to ${target}: see its --allow-to` }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)
}

function targetOf(options: FleetRequest['options']): string | undefined {
  const { to } = options
  if (typeof to === 'string') return to
  const inner = typeof to === 'object' && to !== null && 'to' in to ? to.to : undefined
  return typeof inner === 'string' ? inner : undefined
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
