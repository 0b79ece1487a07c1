import { createHash } from 'node:crypto'
import type { CrosstrailApp } from '../app/crosstrail.ts'
import { accountsByLabel } from '../config/account-labels.ts'
import { CrosstrailError } from '../error.ts'
import type { Bucket } from '../s3/bucket.ts'
import type { AccountId } from '../trail/account-id.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { Kind } from '../trail/kind.ts'
import { type Slice, sliceOf } from '../trail/slice.ts'
import { stampOf } from '../trail/stamp.ts'
import { logSelection } from '../verbs/events/log-selection.ts'
import { eventsDefaults, type EventsOptions } from '../verbs/events/options.ts'
import type { Host } from '../verbs/host.ts'
import { accessTrail } from '../verbs/trail-access.ts'
import type { Verb } from '../verbs/verb.ts'
import { planStreams } from '../verbs/verify/plan-streams.ts'
import { isWholeRun } from '../verbs/verify/verification.ts'
import type { RunListener } from '../work/run-event.ts'
import { planSlices } from '../work/plan.ts'
import { runInBucket } from '../work/run.ts'
import type { Selection } from '../work/selection.ts'
import type { SourceSlice } from '../work/source.ts'
import { cutPlaces, type Density, mostSlices, type Piece } from './cut-slices.ts'
import { verbOf } from './fleet-verbs.ts'
import type { FleetPlan, FleetRequest, FleetSlice, SlicePlace } from './format.ts'
import { densityOf } from './place-density.ts'
import { targetOf } from './request-target.ts'
import { placeOf } from './run-slice.ts'

/**
 * Divides a run into slices, with sessions that may only list. A place with few logs is one slice, and one with many is cut at fixed times. Rejects
 * with `usage.window` unless the window has a start and an end, with `usage.fleet-too-large`, and as the verb.
 */
export async function planFleet(
  app: CrosstrailApp,
  request: FleetRequest,
  listener: RunListener,
  most = mostSlices,
): Promise<FleetPlan> {
  const verb = verbOf(request)
  const options = { ...verb.defaults, ...request.options, selection: request.selection }
  const planning: Verb<PlanOptions, Partial<PlanOptions>, FleetPlan> = {
    name: 'fleet',
    defaults: {},
    rights: () => ({ allow: verb.rights?.(options).allow ?? [], needs: ['list'] }),
    run: (asked, host) => (request.verb === 'verify' ? planVerify(asked, host) : planLogs(asked, host)),
  }
  const selection = request.verb === 'events' ? eventLogs(request) : request.selection
  const writer = targetOf(request)?.account
  const asked = { selection, named: request.selection, span: spanOf(selection), writer, most }
  return app.run(planning, asked, (event) => {
    if (event.type === 'note' || event.type === 'account-failed') listener(event)
  })
}

interface PlanOptions {
  /** The logs to read. */
  readonly selection: Selection
  /** What the user selected. */
  readonly named: Selection
  readonly span: Piece
  /** The label of the account that writes, if another account reads. */
  readonly writer: string | undefined
  /** The limit of slices. */
  readonly most: number
}

/** A log account and region, and a kind unless all are read together. */
interface Place {
  readonly account: string
  readonly logAccount: AccountId
  readonly region: string | undefined
  readonly kind?: Kind | undefined
}

async function planLogs(options: PlanOptions, host: Host): Promise<FleetPlan> {
  const few: SizedPlace[] = []
  const dense: { readonly place: Slice; readonly density: Density }[] = []
  const report = await run(options, host, planSlices, async (place, bucket, signal) => {
    const found = await densityOf(place, host.config.trail, bucket, signal)
    if (typeof found === 'number') few.push({ ...place, logs: found })
    else dense.push({ place, density: found })
  })
  const { most } = options
  const whole = few.length + dense.length > most ? joined(few, dense) : few
  const room = most - whole.length
  if (dense.length > room) throw tooLarge(whole.length + dense.length, most)
  const pieces = cutPlaces(
    dense.map(({ density }) => density),
    room,
  )
  const slices = [
    ...dense.flatMap(({ place }, at) =>
      (pieces[at] ?? []).map((piece) => ({ slice: sliceFor(host, place, piece, options.writer), logs: Infinity })),
    ),
    ...whole.map((place) => ({ slice: sliceFor(host, place, options.span, options.writer), logs: place.logs })),
  ]
  return { slices: largestFirst(slices), report }
}

async function planVerify(options: PlanOptions, host: Host): Promise<FleetPlan> {
  const { span, selection, most } = options
  const places: Place[] = []
  let isEmpty = true
  const plan = async (request: Parameters<typeof planStreams>[0]) => planStreams(request, selection.kinds)
  const report = await run(options, host, plan, async (stream, bucket, signal) => {
    const { account, logAccount, region, logKinds } = stream
    places.push({ account, logAccount, region })
    for (const kind of ['digest', ...logKinds] as const) {
      if (!isEmpty) return
      const { prefix, startAfter, end } = sliceOf({ layout: host.config.trail, ...stream, kind, window: span })
      const { objects } = await bucket.listPage({ prefix, startAfter }, signal)
      if (objects.some(({ key }) => end === undefined || compareKeys(key, end) < 0)) isEmpty = false
    }
  })
  const isWhole = isWholeRun(report)
  if (places.length === 0 && isWhole) places.push(anyPlace(host, selection))
  const unsized = places.map((place) => ({ ...place, logs: 0 }))
  const whole: readonly Place[] = places.length > most ? joined(unsized, []) : places
  if (whole.length > most) throw tooLarge(whole.length, most)
  const [first, ...others] = inPlainOrder(whole.map((place) => sliceFor(host, place, span, options.writer)))
  if (first === undefined) return { slices: [], report }
  return { slices: [isEmpty && isWhole ? { ...first, isEmptyRun: true } : first, ...others], report }
}

interface SizedPlace extends Place {
  readonly logs: number
}

/** Plans as a run does, and looks at each place instead of reading it. */
async function run<S extends SourceSlice>(
  { selection, named }: PlanOptions,
  host: Host,
  plan: (request: Parameters<typeof planSlices>[0]) => Promise<S[]>,
  look: (place: S, bucket: Bucket, signal: AbortSignal) => Promise<void>,
): Promise<FleetPlan['report']> {
  const { request } = accessTrail(host, { accounts: selection.accounts, rights: host.rights })
  return runInBucket<Bucket, S>({
    ...request,
    selection,
    named,
    sorted: false,
    split: false,
    plan,
    startWorker: ({ bucketOf, signal }) => ({
      capacity: host.share.listings,
      run: (place) => look(place, bucketOf(place.account), signal),
      close: () => Promise.resolve(),
    }),
  })
}

/** Joins the regions of each log account and kind, except those with a place that has many logs. */
function joined(few: readonly SizedPlace[], dense: readonly { readonly place: Place }[]): SizedPlace[] {
  const nameOf = ({ account, logAccount, kind }: Place) => `${account} ${logAccount} ${kind ?? ''}`
  const apart = new Set(dense.map(({ place }) => nameOf(place)))
  const places = new Map<string, SizedPlace>()
  for (const place of few) {
    const name = nameOf(place)
    if (apart.has(name)) places.set(`${name} ${place.region}`, place)
    else places.set(name, { ...place, region: undefined, logs: place.logs + (places.get(name)?.logs ?? 0) })
  }
  return [...places.values()]
}

/** Throws `usage.unknown-account` for the account that writes. */
function sliceFor(
  { config }: Host,
  { account, logAccount, region, kind }: Place,
  { fromMs, toMs }: Piece,
  writer: string | undefined,
): FleetSlice {
  const [writing] = writer === undefined ? [] : accountsByLabel(config, [writer])
  const place = placeOf(config, account, writing?.label)
  if (place === undefined) throw new Error(`no account ${account}`)
  const what = { place, logAccount, region, kind, fromMs, toMs }
  return { id: sliceId(what), ...what }
}

/** Names what a slice reads for people, and ends with a hash of all of it. */
function sliceId(slice: Omit<FleetSlice, 'id'>): string {
  const { place, logAccount, region = 'all', kind = 'all', fromMs, toMs } = slice
  const { account, role, bucket, owner, prefix, organization, writerRole } = place satisfies SlicePlace
  const facts = [account, role, bucket, owner, prefix, organization, writerRole, logAccount, region, kind, fromMs, toMs]
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12)
  return `${logAccount}-${region}-${kind}-${stampOf(fromMs, 'minute')}-${hash}`
}

/** An order that depends on the slices alone, and does not give neighbors to workers at the same time: S3 limits calls by prefix. */
function inPlainOrder(slices: readonly FleetSlice[]): FleetSlice[] {
  const hashOf = ({ id }: FleetSlice) => id.slice(-12)
  return slices.toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1))
}

/** Small slices come last, so that all workers end at about the same time. Slices of about the same size are in plain order. */
function largestFirst(sized: readonly { readonly slice: FleetSlice; readonly logs: number }[]): FleetSlice[] {
  const sizeOf = new Map(sized.map(({ slice, logs }) => [slice, Math.ceil(Math.log2(logs + 1))]))
  const inOrder = inPlainOrder(sized.map(({ slice }) => slice))
  return inOrder.toSorted((a, b) => {
    const [one = 0, other = 0] = [sizeOf.get(a), sizeOf.get(b)]
    return one === other ? 0 : other - one
  })
}

/** Some slice must say that there was nothing to verify. */
function anyPlace({ config }: Host, { accounts, logAccounts }: Selection): Place {
  const [account] = accountsByLabel(config, accounts)
  if (account === undefined) throw new Error('there is no account')
  const { label, id, reads } = account
  const own = typeof reads === 'string' ? id : (reads[0] ?? id)
  return { account: label, logAccount: logAccounts[0] ?? own, region: undefined }
}

/** The logs that may hold the events of a request. */
function eventLogs({ selection, options }: FleetRequest): Selection {
  const { window, lateMs } = { ...eventsDefaults, ...options } as Pick<EventsOptions, 'window' | 'lateMs'>
  return logSelection({ selection, window, lateMs })
}

function spanOf({ window: { fromMs, toMs } }: Selection): Piece {
  if (fromMs !== undefined && toMs !== undefined) return { fromMs, toMs }
  throw new CrosstrailError('usage.window', 'a run on several machines needs a window with a start and an end', {
    hint: 'all machines must select the same, whenever each one starts',
  })
}

function tooLarge(slices: number, most: number): CrosstrailError {
  const message = `the run has at least ${slices} parts, and a queue takes at most ${most}`
  return new CrosstrailError('usage.fleet-too-large', message, {
    hint: 'make several runs, each with some of the log accounts or kinds: --log-account, --kind',
    facts: { slices, most },
  })
}
