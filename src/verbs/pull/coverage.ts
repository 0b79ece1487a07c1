import { CrosstrailError } from '../../error.ts'
import { parseKey } from '../../trail/key.ts'
import { regionPrefix } from '../../trail/key-prefix.ts'
import type { TrailLayout } from '../../trail/trail.ts'
import type { ListedBody } from '../../sinks/listed-body.ts'
import type { StreamName } from './report.ts'
import { StreamCoverage, type StreamLine } from './stream-coverage.ts'
import { type VerifiedLines, VerifiedMarks } from './verified-marks.ts'

export interface CoverageTrail {
  readonly bucket: string
  readonly prefix: string
  readonly organization?: string | undefined
}

export class Coverage {
  readonly trail: CoverageTrail
  readonly sinceMs: number
  readonly #streams = new Map<string, StreamCoverage>()
  /** Where taken logs are. Undefined before the first pull. */
  target: string | undefined
  /** When a pull last looked for log accounts and regions, and with which selection. */
  discovered: { readonly atMs: number; readonly scope: string } | undefined
  /** Digests that were taken but not checked yet, by key. The value is their listing, if it is still known. */
  readonly uncheckedDigests: Map<string, ListedBody | undefined>
  /** Used only by pulls that verify. */
  readonly verified: VerifiedMarks
  sink: unknown

  constructor(trail: CoverageTrail, sinceMs: number, body?: CoverageBody) {
    this.trail = trail
    this.sinceMs = sinceMs
    this.target = body?.target
    this.discovered =
      body?.discovered === undefined
        ? undefined
        : { atMs: Date.parse(body.discovered.at), scope: body.discovered.scope }
    this.uncheckedDigests = new Map(body?.uncheckedDigests?.map((key) => [key, undefined]))
    this.verified = new VerifiedMarks(body?.verified)
    this.sink = body?.sink
    for (const line of body?.streams ?? []) this.stream(line, line)
  }

  get streams(): StreamCoverage[] {
    return [...this.#streams].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stream]) => stream)
  }

  find({ logAccount, region, kind }: StreamName): StreamCoverage | undefined {
    return this.#streams.get(`${logAccount}/${kind}/${region}`)
  }

  /** Returns the stream, and adds it if there is none. */
  stream({ logAccount, region, kind }: StreamName, line?: StreamLine): StreamCoverage {
    const name = `${logAccount}/${kind}/${region}`
    let stream = this.#streams.get(name)
    if (stream === undefined) {
      const layout: TrailLayout = this.trail
      stream = new StreamCoverage({ logAccount, region, kind }, regionPrefix(layout, logAccount, kind, region), line)
      this.#streams.set(name, stream)
    }
    return stream
  }

  /** Records a log that a digest lists and the bucket does not have. It counts as a gap until it comes. */
  noteMissing(key: string): void {
    const parts = parseKey(key, this.trail)
    if (parts !== undefined) this.stream(parts).missing.set(key, parts.deliveredAtMs)
  }

  /** Returns JSON with one stream per line. */
  format(): string {
    const { bucket, prefix, organization } = this.trail
    const head: Omit<CoverageBody, 'streams'> = {
      trail: { bucket, prefix, organization },
      since: new Date(this.sinceMs).toISOString(),
      target: this.target,
      discovered: this.discovered && {
        at: new Date(this.discovered.atMs).toISOString(),
        scope: this.discovered.scope,
      },
      uncheckedDigests: [...this.uncheckedDigests.keys()],
      verified: this.verified.toJSON(),
      sink: this.sink,
    }
    const lines = this.streams.map((stream) => JSON.stringify(stream))
    return `${JSON.stringify(head).slice(0, -1)},\n"streams": [\n${lines.join(',\n')}\n]}\n`
  }
}

/** Makes a coverage from the result of `readCoverage`. Throws `coverage.other-trail` if it is of another trail. */
export function coverageOf(body: CoverageBody | undefined, trail: CoverageTrail): Coverage | undefined {
  if (body === undefined) return undefined
  const { bucket, prefix, organization } = body.trail
  if (bucket !== trail.bucket || prefix !== trail.prefix || organization !== trail.organization) {
    const message = `the coverage of this target is of another trail: s3://${[bucket, prefix, organization].filter(Boolean).join('/')}`
    throw new CrosstrailError('coverage.other-trail', message, {
      hint: 'use a separate folder for each trail',
      facts: { bucket, prefix, organization },
    })
  }
  return new Coverage(trail, Date.parse(body.since), body)
}

export interface CoverageBody {
  readonly trail: CoverageTrail
  readonly since: string
  readonly target?: string | undefined
  readonly discovered?: { readonly at: string; readonly scope: string } | undefined
  readonly uncheckedDigests?: readonly string[] | undefined
  readonly verified?: VerifiedLines | undefined
  readonly sink?: unknown
  readonly streams: readonly StreamLine[]
}
