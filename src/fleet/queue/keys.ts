/** The names of all keys begin with it, so that rules of Redis can name them: `~crosstrail:*`. */
export const prefix = 'crosstrail'
export const queueName = 'crosstrail-slices'

export const runsKey = `${prefix}:runs`
export const workersKey = `${prefix}:workers`

export function runKey(runId: string): string {
  return `${prefix}:run:${runId}`
}

/** Held by the submitter that plans a run, so that others wait for it. */
export function leaseKey(runId: string): string {
  return `${runKey(runId)}:lease`
}

/** What one submission of a run stores. A late writer of an earlier round writes into keys that nobody reads. */
export function roundKeys(runId: string, round: string) {
  const key = `${runKey(runId)}:${round}`
  return {
    /** Hash: id of a slice, the slice. */
    slices: `${key}:slices`,
    /** Hash: id of a slice, its result. */
    results: `${key}:results`,
    /** List: ids of slices in the order of their results. */
    order: `${key}:order`,
    /** Hash: what workers note, each once. */
    notes: `${key}:notes`,
  }
}

export function workerKey(worker: string): string {
  return `${prefix}:worker:${worker}`
}

/** BullMQ allows no colon in it. */
export function jobIdOf(runId: string, sliceId: string): string {
  return `${runId}-${sliceId}`
}
