import { accountsByLabel } from '../../config/account-labels.ts'
import { sessionPolicy } from '../../identity/session-policy.ts'
import { sessionAnswerLimit } from '../../s3/bounded-body.ts'
import type { BucketAccess } from '../../s3/bucket-access.ts'
import { BucketAdmin } from '../../s3/bucket-admin.ts'
import { BucketProbe } from '../../s3/bucket-probe.ts'
import { Bucket } from '../../s3/bucket.ts'
import type { BucketPlace } from '../../s3/calls.ts'
import type { KeySource } from '../../s3/key-source.ts'
import { sdkHttpHandler } from '../../s3/sdk-http-handler.ts'
import { isAwsEndpoint, listOwnBuckets } from '../../s3/sdk.ts'
import { demandDestination } from '../../sinks/bucket/destination.ts'
import { arnPartition } from '../../trail/region.ts'
import type { Host } from '../host.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { type DoctorOptions, doctorRights } from './options.ts'
import { openQueue } from '../../queue/sqs.ts'
import { queueAddress } from '../../queue/address.ts'
import { queueOf, withQueue } from '../with-queue.ts'
import { type Diagnosis, examine } from './examine.ts'

export async function examineAccounts(options: DoctorOptions, host: Host): Promise<readonly Diagnosis[]> {
  const { accounts, to, toOwner, toRegion, sqs, onStep, onDone } = options
  const { config, buckets, mfaPrompt, signal, nowMs } = host
  const { trail } = config
  const target = to === undefined ? undefined : demandDestination(to)
  const targetPlace = target && {
    bucket: target.bucket,
    owner: toOwner ?? trail.owner,
    region: toRegion ?? trail.region,
    requesterPays: trail.requesterPays,
  }
  const isAws = await isAwsEndpoint(trail.bucket, trail.region)
  return examine({
    trail,
    accounts: withQueue(accountsByLabel(config, accounts), sqs),
    signal,
    nowMs,
    listener: (step) => onStep?.(step),
    onDone: (account) => onDone?.(account),
    wayInOf: (account) => ({
      requestHandler: sdkHttpHandler(buckets.http, { limit: sessionAnswerLimit }),
      maxAttempts: buckets.maxAttempts,
      mfaPrompt,
      policy: () => {
        if (!host.narrows) return undefined
        const logAccounts = account.reads === 'own' ? [account.id] : account.reads
        const partition = arnPartition(account.role) ?? 'aws'
        return sessionPolicy({ ...doctorRights(account, target), probes: true, trail, logAccounts, partition })
      },
    }),
    openBucket: (keys) => doctorBucket(buckets, trail, keys, isAws),
    listKeysOf: (account) => (session, query) => host.publicKeys(account, session, query),
    openQueueOf: (account) => {
      const queue = queueOf(account)
      if (queue === undefined) return undefined
      return (session) => {
        // The keys of a profile or an instance are renewed by asking for them again.
        const keys = { current: () => session.starting(), renew: async () => session.starting() }
        const client = openQueue(queueAddress(queue.url, queue.region), keys, {
          caller: `account ${account.label}`,
          env: host.env,
          maxAttempts: buckets.maxAttempts,
        })
        return { ...queue, attributes: () => client.attributes(), close: () => client.close() }
      }
    },
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

function doctorBucket(buckets: BucketAccess, place: BucketPlace, keys: KeySource, isAws: boolean): DoctorBucket {
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
