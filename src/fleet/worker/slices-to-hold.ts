export interface Holding {
  /** Slices that nobody has taken. */
  readonly waiting: number
  /** Workers that take slices. */
  readonly workers: number
  /** The limit of slices in work. */
  readonly most: number
  /** The calls that one slice has under way or waiting, as a share of those that the worker may make at a time. Undefined: not known yet. */
  readonly loadOfSlice: number | undefined
}

/** Of a worker that knows nothing yet. Other workers may wait for slices, too. */
const first = 2
/** So many calls should be under way or wait, as a share of those that may be under way. Small slices have bursts of calls. */
const enoughLoad = 3

/**
 * How many slices a worker should have in work: enough for all of its calls, and fewer when few slices wait. Otherwise, at the end of a run, one worker
 * would still have many slices when the others have none.
 */
export function slicesToHold({ waiting, workers, most, loadOfSlice }: Holding): number {
  if (workers <= 1) return most
  const useful = loadOfSlice === undefined ? first : Math.ceil(enoughLoad / Math.max(loadOfSlice, enoughLoad / most))
  const fair = Math.ceil(waiting / workers)
  return Math.max(1, Math.min(most, useful, waiting === 0 ? first : fair))
}
