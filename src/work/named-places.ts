import { suggestions } from '../config/suggest.ts'
import { CrosstrailError } from '../error.ts'
import type { FoundPlace, Listing } from './plan.ts'
import type { MissingName, RunEvent } from './run-event.ts'
import type { Selection } from './selection.ts'
import type { SourceSlice } from './source.ts'

export type Names = Pick<Selection, 'logAccounts' | 'regions' | 'kinds'>

export interface NamedPlacesOptions {
  readonly signal: AbortSignal
  /** Called if a folder could not be listed. */
  readonly onFailed: (slice: SourceSlice, error: unknown) => void
}

interface Planned {
  readonly bucket: Listing
  readonly slice: SourceSlice
  readonly prefix: string
}

/**
 * Finds the names of a selection for which the bucket has no folder, because an empty result for a misspelled name looks right. Every
 * listed log proves its names. Each other folder costs a call.
 */
export class NamedPlaces {
  /** The names for which nothing was found yet. */
  readonly #open: Map<string, MissingName>
  readonly #planned: Planned[] = []
  readonly #asked = new Set<Planned>()
  readonly #options: NamedPlacesOptions
  #hasFailed = false

  constructor({ logAccounts, regions, kinds }: Names, options: NamedPlacesOptions) {
    this.#options = options
    const all: readonly MissingName[] = [
      ...logAccounts.map((name) => ({ what: 'log account', name }) as const),
      ...regions.map((name) => ({ what: 'region', name }) as const),
      ...kinds.map((name) => ({ what: 'kind', name }) as const),
    ]
    this.#open = new Map(all.map((name) => [name.name, name]))
  }

  planned(slices: readonly SourceSlice[], bucket: Listing): void {
    if (this.#open.size === 0) return
    for (const slice of slices) {
      if (slice.prefix !== undefined) this.#planned.push({ bucket, slice, prefix: slice.prefix })
    }
  }

  /** Called for each object, so it returns at once when nothing is open. */
  found({ logAccount, region, kind }: FoundPlace): void {
    if (this.#open.size === 0) return
    for (const name of [logAccount, region, kind]) if (name !== undefined) this.#open.delete(name)
  }

  /** Returns the selected regions that are not among the known regions of AWS. */
  async unknownRegions(): Promise<readonly string[]> {
    const regions = [...this.#open.values()].filter(({ what }) => what === 'region')
    if (regions.length === 0) return []
    const { isKnownRegion } = await import('../s3/known-regions.ts')
    return regions.map(({ name }) => name).filter((name) => !isKnownRegion(name))
  }

  /** Returns a warning if the bucket has the region; throws `usage.unknown-region` if not. Call it when everything is planned. */
  async judgeUnknown(region: string): Promise<RunEvent> {
    await this.#lookFor(region)
    if (this.#open.has(region) && !this.#hasFailed) {
      const { knownRegions } = await import('../s3/known-regions.ts')
      throw unknownRegion(region, suggestions(region, knownRegions()))
    }
    return warning('plan.unknown-region', `AWS has no region ${region} that this version knows: check --region`)
  }

  /** Returns the names for which the bucket has no folder; none if a folder could not be listed. */
  async missing(): Promise<readonly MissingName[]> {
    for (const name of this.#open.keys()) await this.#lookFor(name)
    return this.#hasFailed ? [] : [...this.#open.values()]
  }

  async #lookFor(name: string): Promise<void> {
    const candidates = this.#planned.filter(({ slice }) => isOf(slice, name))
    for (let at = 0; at < candidates.length && this.#open.has(name); at += calls) {
      await Promise.all(candidates.slice(at, at + calls).map((candidate) => this.#look(candidate)))
    }
  }

  /** One answer counts for all names of a folder. */
  async #look(candidate: Planned): Promise<void> {
    if (this.#asked.has(candidate)) return
    this.#asked.add(candidate)
    const { bucket, slice, prefix } = candidate
    try {
      const page = await bucket.listPage({ prefix, delimiter: '/' }, this.#options.signal)
      if (page.objects.length > 0 || page.commonPrefixes.length > 0) this.found(slice)
    } catch (error) {
      this.#hasFailed = true
      this.#options.onFailed(slice, error)
    }
  }
}

/** Folders that are listed at a time. */
const calls = 16

/** The code of the warning that a name is missing. */
export const missingCode = 'plan.not-in-bucket'

export function missingNote(missing: MissingName): RunEvent {
  return warning(missingCode, missingText(missing))
}

export function missingText({ what, name }: MissingName): string {
  const others = (['log account', 'region', 'kind'] as const).filter((other) => other !== what)
  const within = others.map((other) => `${other}s`).join(' and ')
  return `the bucket has no folder of the ${what} ${name} in the selected ${within}: check --${what.replace(' ', '-')}`
}

function isOf({ logAccount, region, kind }: FoundPlace, name: string): boolean {
  return logAccount === name || region === name || kind === name
}

function warning(code: string, message: string): RunEvent {
  return { type: 'note', level: 'warning', code, message }
}

function unknownRegion(region: string, near: readonly string[]): CrosstrailError {
  const meant = near.length === 0 ? 'write it as AWS does, for example us-east-1' : `did you mean ${near.join(' or ')}?`
  const message = `AWS has no region ${region}, and the bucket has no folder of it`
  return new CrosstrailError('usage.unknown-region', message, { hint: meant, facts: { region } })
}
