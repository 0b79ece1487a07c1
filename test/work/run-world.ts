import { type Lab, type LabOptions, startLab } from '../../src/lab/lab.ts'
import type { Bucket } from '../../src/s3/bucket.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { inlineWorker } from '../../src/work/inline-worker.ts'
import { keyFilter } from '../../src/work/key-filter.ts'
import type { ObjectAction } from '../../src/work/object-action.ts'
import type { RunEvent, RunReport } from '../../src/work/run-event.ts'
import { run, type RunRequest } from '../../src/work/run.ts'
import type { Selection } from '../../src/work/selection.ts'
import { openLabBucket } from '../lab-bucket.ts'

export const everything: Selection = {
  accounts: [],
  logAccounts: [],
  regions: [],
  kinds: [],
  window: {},
  include: [],
  exclude: [],
}

export interface Ran {
  readonly report: RunReport
  readonly events: readonly RunEvent[]
  /** Keys with the outcome done, in order of arrival. */
  readonly done: readonly string[]
}

interface WorkerOverrides {
  readonly action?: ObjectAction<Bucket>
  readonly listings?: number
  readonly maxTasks?: number
}

export interface RunWorld {
  readonly lab: Lab
  readonly bucket: Bucket
  run(overrides?: Partial<RunRequest> & WorkerOverrides): Promise<Ran>
  close(): Promise<void>
}

/** Everything is done at once. */
export const takeAll: ObjectAction<unknown> = {
  take: (object, account) => ({ status: 'done', account, object, bytes: object.sizeBytes }),
  close: () => Promise.resolve(),
}

/** Opens a lab, with runs of one account Z that reads everything in it, over HTTP. */
export async function openRunWorld(options: LabOptions): Promise<RunWorld> {
  const lab = await startLab(options)
  const opened = openLabBucket(lab)
  return {
    lab,
    bucket: opened.bucket,
    async run({ action = takeAll, listings = 8, maxTasks = 16, ...overrides } = {}) {
      const events: RunEvent[] = []
      const request: RunRequest = {
        layout: { prefix: '' },
        accounts: [{ label: 'Z', id: '444444444444' as AccountId, reads: 'all' }],
        selection: everything,
        sorted: false,
        openBucket: () => Promise.resolve(opened.bucket),
        startWorker: (frame) =>
          inlineWorker<Bucket>({
            ...frame,
            action,
            bucketOf: () => opened.bucket,
            filter: keyFilter(request.selection),
            listings,
            maxTasks,
            nowMs: () => Date.UTC(2026, 10, 22),
          }),
        listener: (event) => void events.push(event),
        signal: new AbortController().signal,
        ...overrides,
      }
      const report = await run(request)
      const done = events.flatMap((event) =>
        event.type === 'outcome' && event.outcome.status === 'done' ? [event.outcome.object.key] : [],
      )
      return { report, events, done }
    },
    async close() {
      await opened.close()
      await lab.stop()
    },
  }
}
