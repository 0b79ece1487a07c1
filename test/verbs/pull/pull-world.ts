import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lab, type LabOptions, startLab } from '../../../src/lab/lab.ts'
import type { Bucket } from '../../../src/s3/bucket.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { dayMs } from '../../../src/trail/calendar.ts'
import { pullToTarget } from '../../../src/verbs/pull/pull-to-target.ts'
import type { PullHost } from '../../../src/verbs/pull/take-new.ts'
import type { PullReport } from '../../../src/verbs/pull/report.ts'
import type { PullRequest } from '../../../src/verbs/pull/request.ts'
import { inlineWorker, sourceWorker } from '../../../src/work/inline-worker.ts'
import { keyFilter } from '../../../src/work/key-filter.ts'
import type { RunEvent } from '../../../src/work/run-event.ts'
import { labBucket } from '../../../src/lab/fixture.ts'
import { openLabBucket } from '../../lab-bucket.ts'
import { everything } from '../../work/run-world.ts'

export const pulledAtMs = Date.UTC(2026, 10, 8)

type Note = Extract<RunEvent, { readonly type: 'note' }>

export interface PullWorld {
  readonly lab: Lab
  readonly to: string
  readonly notes: readonly Note[]
  readonly bucket: Bucket
  readonly pull: (overrides?: Partial<PullRequest>, host?: Partial<PullHost<Bucket>>) => Promise<PullReport>
  close(): Promise<void>
}

/** A lab with a week of logs, and pulls over HTTP by one account Z that reads everything, into a separate folder. */
export async function openPullWorld(options: LabOptions): Promise<PullWorld> {
  // Later than every log of every test.
  const lab = await startLab({ dates: () => pulledAtMs + 400 * dayMs, ...options })
  const remote = openLabBucket(lab)
  const { bucket } = remote
  const to = mkdtempSync(join(tmpdir(), 'crosstrail-pull-'))
  const notes: Note[] = []
  let runs = 0
  return {
    lab,
    to,
    notes,
    bucket,
    pull(overrides = {}, hosting = {}) {
      const request: PullRequest = {
        selection: everything,
        to,
        bucket: labBucket,
        sink: { type: 'folder', decompress: false, maxInflatedBytes: 1e8 },
        sinceMs: pulledAtMs - 10 * dayMs,
        lookBackMs: dayMs,
        sweepMs: 30 * dayMs,
        sweepEveryMs: dayMs,
        verifyLocal: false,
        nowMs: () => pulledAtMs,
        runId: `run-${++runs}`,
        about: {},
        ...overrides,
      }
      const host: PullHost<Bucket> = {
        layout: { prefix: '' },
        accounts: [{ label: 'Z', id: '444444444444' as AccountId, reads: 'all' }],
        openBucket: () => Promise.resolve(bucket),
        startWorker: (frame, job, open) =>
          inlineWorker<Bucket>({
            ...frame,
            action: open(job, frame),
            bucketOf: () => bucket,
            filter: keyFilter(request.selection),
            listings: 8,
            maxTasks: 16,
            nowMs: () => pulledAtMs,
          }),
        startQueueWorker: (frame, job, open, source) =>
          sourceWorker({ ...frame, source, action: open(job, frame), listings: 8, maxTasks: 16 }),
        listener: (event) => void (event.type === 'note' && notes.push(event)),
        signal: new AbortController().signal,
        ...hosting,
      }
      return pullToTarget(request, host)
    },
    async close() {
      await remote.close()
      await lab.stop()
      rmSync(to, { recursive: true, force: true })
    },
  }
}
