import type { Account, Config } from '../../config/config.ts'
import type { KeySource } from '../../s3/key-source.ts'
import { type ListKeys, tellKeys } from './keys-step.ts'
import { lookAtBucket } from './bucket-steps.ts'
import { tellBuckets } from './buckets-step.ts'
import type { DoctorQueue } from './doctor-queue.ts'
import { tellAnnounces } from './announces-step.ts'
import { tellQueue } from './queue-step.ts'
import { tellSender } from './sender-step.ts'
import type { Session } from '../../identity/session.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { tellFresh, tellValidation } from './fresh-steps.ts'
import { tellListing, tellOthers } from './listing-steps.ts'
import { ownPrefixes } from './log-prefixes.ts'
import { readableOf, tellReading, tellTagging } from './read-steps.ts'
import { tellSettings } from './settings-step.ts'
import type { DoctorStep } from './step.ts'
import { Walk } from './walk.ts'
import { walkIn, type WayInOptions } from './way-in.ts'
import { type DoctorTarget, tellDelete, tellPut } from './write-steps.ts'

export interface Examination {
  readonly trail: Config['trail']
  readonly accounts: readonly Account[]
  readonly signal: AbortSignal
  readonly nowMs: number
  /** Called with each step as soon as its result is known. The steps of one account come in order. */
  readonly listener: (step: DoctorStep) => void
  readonly onDone: (account: string) => void
  readonly wayInOf: (account: Account) => WayInOptions
  readonly openBucket: (keys: KeySource) => DoctorBucket
  readonly listKeysOf: (account: Account) => ListKeys
  /** Returns the account's queue; undefined if it has none. `close` ends its connections. */
  readonly openQueueOf: (account: Account) => ((session: Session) => DoctorQueue & { close(): void }) | undefined
  readonly openTarget: ((keys: KeySource) => DoctorTarget) | undefined
}

export interface Diagnosis {
  readonly account: string
  readonly steps: readonly DoctorStep[]
  readonly getsIn: boolean
}

/** Checks all accounts at once, step by step, and changes nothing. A failed step ends only its own account. Throws `interrupted`, and bugs. */
export function examine(host: Examination): Promise<readonly Diagnosis[]> {
  return Promise.all(
    host.accounts.map(async (account) => {
      const walk = new Walk({ ...host, account })
      await walkThrough(walk, host)
      host.onDone(account.label)
      return { account: account.label, steps: walk.steps, getsIn: !walk.failed }
    }),
  )
}

async function walkThrough(walk: Walk, host: Examination): Promise<void> {
  const { account, trail } = walk
  const session = await walkIn(walk, host.wayInOf(account))
  if (session === undefined) return
  const bucket = host.openBucket(session)
  if (!(await lookAtBucket(walk, bucket))) return
  await tellSettings(walk, bucket)
  await tellAnnouncing(walk, bucket, host.openQueueOf(account)?.(session))
  const found = await tellListing(walk, bucket, callerIdOf(walk))
  if (found === undefined) return walk.skip('read', 'not checked: the role cannot list a log to read')
  await tellOthers(walk, bucket)
  await tellBuckets(walk, bucket)
  if (!(await tellReading(walk, bucket, found.newest))) return
  const log = readableOf(found.newest) ?? found.newest.at(-1)
  if (account.allow.includes('copy')) {
    if (log === undefined) walk.skip('tagging', 'no log was found')
    else await tellTagging(walk, bucket, log)
    await tellPut(walk, host.openTarget?.(session))
  }
  if (account.allow.includes('delete'))
    await tellDelete(walk, bucket, folderOf(log?.key) ?? ownPrefixes(account, trail)[0] ?? '')
  if (account.allow.includes('verify')) await tellKeys(walk, session, found.regions, host.listKeysOf(account))
  tellFresh(walk, found)
  tellValidation(walk, found)
}

async function tellAnnouncing(
  walk: Walk,
  bucket: DoctorBucket,
  queue: (DoctorQueue & { close(): void }) | undefined,
): Promise<void> {
  if (queue === undefined) return
  const close = () => queue.close()
  walk.signal.addEventListener('abort', close, { once: true })
  try {
    const announces = await tellAnnounces(walk, bucket, queue)
    const attributes = await tellQueue(walk, queue)
    if (attributes !== undefined) tellSender(walk, queue, announces, attributes)
  } finally {
    walk.signal.removeEventListener('abort', close)
    close()
  }
}

function folderOf(key: string | undefined): string | undefined {
  return key?.slice(0, key.lastIndexOf('/') + 1)
}

function callerIdOf(walk: Walk): string | undefined {
  const id = walk.steps.find(({ step }) => step === 'caller')?.facts['accountId']
  return id === undefined ? undefined : String(id)
}
