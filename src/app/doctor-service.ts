import type { Account, Config } from '../config/config.ts'
import { sessionPolicy } from '../identity/session-policy.ts'
import { Bucket } from '../s3/bucket.ts'
import { BucketAdmin } from '../s3/bucket-admin.ts'
import { BucketProbe } from '../s3/bucket-probe.ts'
import type { BucketPlace } from '../s3/calls.ts'
import type { KeySource } from '../s3/key-source.ts'
import { isAwsEndpoint, listOwnBuckets } from '../s3/sdk.ts'
import { sessionAnswerLimit } from '../s3/bounded-body.ts'
import { sdkHttpHandler } from '../s3/sdk-http-handler.ts'
import type { AccountId } from '../trail/account-id.ts'
import { arnPartition } from '../trail/region.ts'
import { demandDestination } from '../sinks/bucket/destination.ts'
import { type Diagnosis, doctor } from '../verbs/doctor/doctor.ts'
import type { DoctorBucket } from '../verbs/doctor/doctor-bucket.ts'
import type { DoctorStep } from '../verbs/doctor/step.ts'
import { accountsByLabel } from './account-labels.ts'
import type { Buckets } from './bucket-access.ts'
import type { Context } from './verb-hosts.ts'

export interface DoctorRequest {
  /** Labels; empty for all. */
  readonly accounts: readonly string[]
  /** `s3://bucket/prefix` where copies would go. */
  readonly to: string | undefined
  readonly toOwner: AccountId | undefined
  readonly toRegion: string | undefined
  /** False to open sessions that no policy narrows. */
  readonly narrowed: boolean
}

/** Who hears of a doctor's steps, and of accounts that have no more. */
export interface DoctorHearer {
  step(step: DoctorStep): void
  done(account: string): void
}

/** Builds what a doctor needs, and lets it look. Throws `usage.…`. */
export async function runDoctor(
  { config, sessions, buckets, signal, nowMs }: Context,
  { accounts, to, toOwner, toRegion, narrowed }: DoctorRequest,
  hearer: DoctorHearer,
): Promise<readonly Diagnosis[]> {
  const { trail } = config
  const target = to === undefined ? undefined : demandDestination(to)
  const targetPlace = target && {
    bucket: target.bucket,
    owner: toOwner ?? trail.owner,
    region: toRegion ?? trail.region,
    requesterPays: trail.requesterPays,
  }
  const isAws = await isAwsEndpoint(trail.bucket, trail.region)
  return doctor({
    trail,
    accounts: accountsByLabel(config, accounts),
    signal,
    nowMs,
    listener: (step) => hearer.step(step),
    onDone: (account) => hearer.done(account),
    wayInOf: (account) => ({
      requestHandler: sdkHttpHandler(buckets.http, { limit: sessionAnswerLimit }),
      maxAttempts: buckets.maxAttempts,
      mfaPrompt: sessions.mfaPrompt,
      policy: () => (narrowed ? doctorPolicy(account, trail, target) : undefined),
    }),
    openBucket: (keys) => doctorBucket(buckets, trail, keys, isAws),
    openTarget:
      target && targetPlace
        ? (keys) => ({
            place: targetPlace,
            prefix: target.prefix,
            bucket: doctorBucket(buckets, targetPlace, keys, isAws),
          })
        : undefined,
  })
}

function doctorPolicy(
  account: Account,
  trail: Config['trail'],
  target: { bucket: string; prefix: string } | undefined,
) {
  return sessionPolicy({
    verb: 'doctor',
    trail,
    logAccounts: account.reads === 'own' ? [account.id] : account.reads,
    partition: arnPartition(account.role) ?? 'aws',
    target,
    probes: account.allow,
  })
}

function doctorBucket(buckets: Buckets, place: BucketPlace, keys: KeySource, isAws: boolean): DoctorBucket {
  let found: string | undefined
  const sdkCalls = buckets.sdkCalls(place, keys)
  return {
    wire: new Bucket(
      buckets.calls(place, keys, (region) => {
        found = region
      }),
    ),
    admin: new BucketAdmin(sdkCalls),
    probe: new BucketProbe(sdkCalls),
    foundRegion: () => found,
    ownBuckets: async (asked) => (await listOwnBuckets(keys, buckets.http, place.region, asked)).length,
    isAws,
  }
}
