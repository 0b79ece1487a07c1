import type { Crew } from './crew.ts'
import type { ObjectAction } from './object-action.ts'
import type { OnTaken } from './object-taker.ts'
import type { RunListener } from './run-event.ts'
import type { SliceExchange } from './slice-worker.ts'
import type { LogPage, Source, SourceSlice } from './source.ts'
import type { Twins } from './twins.ts'
import { UnderWay } from './under-way.ts'

export interface SliceWork<B, S extends SourceSlice> extends SliceExchange<S> {
  readonly source: Source<S>
  readonly action: Pick<ObjectAction<B, unknown, S>, 'twins' | 'allGiven'>
  readonly crew: Crew<B>
  readonly listener: RunListener
  /** Aborted: take no more. */
  readonly signal: AbortSignal
  readonly isHungry: () => boolean
  /** Awaited before each object while it returns a promise: the reader of the results is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
  /** Called when a limit of the run is reached, so that nothing more is taken. */
  readonly onLimit: () => void
}

/** Takes each object of a slice. Resolves when all have their outcomes. Throws if the source does; objects never throw. */
export async function takeSlice<B, S extends SourceSlice>(slice: S, work: SliceWork<B, S>): Promise<void> {
  const { source, action, listener, isHungry, giveAway } = work
  const underWay = new UnderWay()
  const onTaken: OnTaken = (outcome) => {
    if (outcome !== undefined) {
      listener({ type: 'outcome', outcome })
      if (outcome.status === 'skipped' && outcome.reason === 'limit') work.onLimit()
    }
    underWay.end()
  }
  const twins = action.twins?.(slice)
  const take = (page: LogPage) => takePage(page, slice.account, work, twins, underWay, onTaken)
  try {
    await source.read(slice, { take, isHungry, giveAway })
    work.listed()
  } finally {
    action.allGiven?.(slice.account)
    await underWay.ended()
  }
}

/** Returns whether anything had to wait. */
async function takePage<B, S extends SourceSlice>(
  { objects, twins }: LogPage,
  account: string,
  { crew, signal, whenWritable }: SliceWork<B, S>,
  opened: Twins<unknown> | undefined,
  underWay: UnderWay,
  onTaken: OnTaken,
): Promise<boolean> {
  let waited = false
  const found = opened === undefined ? undefined : await opened.of(objects.map(({ key }) => key))
  crew.expect(objects.length)
  let at = 0
  for (const object of objects) {
    // Checked again after each wait: of all slices that waited, the first one fills the pipe.
    for (let writable = whenWritable?.(); writable !== undefined; writable = whenWritable?.()) {
      await writable
      waited = true
    }
    if (signal.aborted) break
    underWay.begin()
    const twin = twins === undefined ? found?.get(object.key) : twins[at++]
    // Most objects find room and need no promise.
    const room = crew.take(object, account, twin, onTaken)
    if (room !== undefined) {
      await room
      waited = true
    }
  }
  return waited
}
