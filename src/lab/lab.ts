import { CrosstrailError } from '../error.ts'
import { normalizeLayout } from '../trail/key-prefix.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { Bucket, type BucketOptions } from './stored-bucket.ts'
import { FaultPlan, type Faults } from './faults.ts'
import { buildFixture, labBucket, labRegion, labRoles, type LabPrincipals } from './fixture.ts'
import { Iam } from './iam.ts'
import { Imds, instanceOf } from './imds.ts'
import { listenOnLoopback } from './loopback.ts'
import type { PolicyDocument } from './evaluate-policy.ts'
import { PublicKeys } from './public-keys.ts'
import { seededRandom } from './random.ts'
import { readRequest } from './request.ts'
import { RequestLog } from './request-log.ts'
import { addSamples, type SampleOptions, type SampleSummary } from './samples.ts'
import { send } from './send.ts'
import { serve } from './serve.ts'
import { Sessions } from './issued-sessions.ts'
import { announce, type AnnounceOptions, type Announcing } from './sqs/announce.ts'
import { LabQueues } from './sqs/lab-queues.ts'
import type { Queue } from './sqs/stored-queue.ts'
import type { World } from './world.ts'

export interface LabOptions {
  /** The seed of samples and faults. */
  readonly seed?: number
  /** The port of S3, STS, SQS and CloudTrail. Default 0: any free port. */
  readonly port?: number
  /** The port of the metadata endpoint. */
  readonly imdsPort?: number
  readonly faults?: Faults
  readonly now?: () => number
  /** The clock for the dates of answers. Default: `now`. To test a client with a wrong clock, make `now` equally wrong and this one right. */
  readonly dates?: () => number
  /** Added to every answer of S3. */
  readonly latencyMs?: number
  /** 900, as on AWS; less for sessions that must expire during a test. */
  readonly minSessionSeconds?: number
  /** The smallest part of a multipart upload except the last: 5 MiB, as on AWS. */
  readonly minPartBytes?: number
  /** The largest object or range for one copy: 5 GiB, as on AWS. */
  readonly maxCopyBytes?: number
  /** The largest body of one PUT or part: 5 GiB, as on AWS. */
  readonly maxPutBytes?: number
  /** How many requests are kept in full: 1,000. */
  readonly logSize?: number
  /** The trail's key prefix and organization, for the sample's keys and the policies of the fixture's roles. */
  readonly layout?: TrailLayout
  /** Logs to put into the fixture's bucket, which is empty by default. */
  readonly sample?: SampleOptions
}

/** Account A on loopback: STS, S3, SQS and CloudTrail's ListPublicKeys on one port, an EC2 metadata endpoint on another. */
export interface Lab {
  /** `http://127.0.0.1:PORT`, path style. */
  readonly endpoint: string
  readonly imdsEndpoint: string
  readonly principals: LabPrincipals
  readonly iam: Iam
  readonly requests: RequestLog
  /** What ListPublicKeys answers. It has the keys of the sample's digests. */
  readonly publicKeys: PublicKeys
  /** What `sample` put into the bucket. */
  readonly sample: SampleSummary | undefined
  /** Returns a bucket's store, which checks no policies. @throws {CrosstrailError} `lab.no-such-bucket` */
  bucket(name?: string): Bucket
  addBucket(options: BucketOptions): Bucket
  /** The queues of SQS, none at first. */
  readonly queues: LabQueues
  /** Announces each object that is put into a bucket, by default the fixture's, to a queue. @throws {CrosstrailError} `lab.no-such-bucket` */
  announce(options: AnnounceOptions & { readonly bucket?: string; readonly queue: Queue }): Announcing
  /** Lets other accounts use a KMS key. Without a policy, only the key's own account may use it. */
  setKeyPolicy(kmsKeyArn: string, policy: PolicyDocument): void
  setFaults(faults: Faults): void
  /** Expires the sessions of a role, or all, now. Returns how many were still valid. */
  revokeSessions(roleArn?: string): number
  /** Returns the secret keys and tokens of every session that it issued, which no output may contain. */
  issuedSecrets(): readonly string[]
  stop(): Promise<void>
}

/** Starts the lab, on 127.0.0.1 only. @throws {CrosstrailError} `lab.port-taken` */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { seed = 1, now = Date.now, latencyMs = 0 } = options
  const stopping = new AbortController()
  const world: World = {
    iam: new Iam(),
    sessions: new Sessions(),
    buckets: new Map(),
    queues: new Map(),
    stopping: stopping.signal,
    now,
    dates: options.dates ?? now,
    minSessionSeconds: options.minSessionSeconds ?? 900,
    keyPolicies: new Map(),
    publicKeys: new PublicKeys(),
    sizes: {
      minPartBytes: options.minPartBytes ?? 5 * 1_024 ** 2,
      maxCopyBytes: options.maxCopyBytes ?? 5 * 1_024 ** 3,
      maxPutBytes: options.maxPutBytes ?? 5 * 1_024 ** 3,
    },
  }
  const layout = normalizeLayout(options.layout ?? { prefix: '' })
  const principals = buildFixture(world, layout)
  const sample =
    options.sample === undefined
      ? undefined
      : await addSamples(bucketOf(world, labBucket), layout, seededRandom(seed), options.sample)
  world.publicKeys.add(...(sample?.digestKeys ?? []))
  const faults = new FaultPlan(options.faults ?? {}, seededRandom(seed), now)
  const requests = new RequestLog(options.logSize ?? 1_000)
  const announceRandom = seededRandom(seed)
  const imds = new Imds(world, instanceOf(labRoles.instance, labRegion))

  const services = await listenOnLoopback(options.port ?? 0, (incoming, response) =>
    serve({ world, faults, requests, latencyMs }, incoming, response),
  )
  const metadata = await listenOnLoopback(options.imdsPort ?? 0, async (incoming, response) =>
    send(response, imds.answer(await readRequest(incoming))),
  ).catch(async (error: unknown) => {
    await services.stop()
    throw error
  })
  return {
    endpoint: services.endpoint,
    imdsEndpoint: metadata.endpoint,
    principals,
    iam: world.iam,
    requests,
    publicKeys: world.publicKeys,
    sample,
    bucket: (name = labBucket) => bucketOf(world, name),
    addBucket: (bucket) => addBucket(world, bucket),
    queues: new LabQueues(world, services.endpoint),
    announce: ({ bucket = labBucket, queue, ...how }) =>
      announce(bucketOf(world, bucket), queue, announceRandom, now, how),
    setKeyPolicy: (kmsKeyArn, policy) => void world.keyPolicies.set(kmsKeyArn, policy),
    setFaults: (next) => faults.set(next),
    revokeSessions: (roleArn) => world.sessions.expire(now(), roleArn),
    issuedSecrets: () => world.sessions.secrets(),
    stop: async () => {
      stopping.abort()
      await Promise.all([services.stop(), metadata.stop()])
    },
  }
}

function bucketOf(world: World, name: string): Bucket {
  const bucket = world.buckets.get(name)
  if (bucket !== undefined) return bucket
  throw new CrosstrailError('lab.no-such-bucket', `the lab has no bucket ${name}`, { hint: 'add it with addBucket' })
}

function addBucket(world: World, options: BucketOptions): Bucket {
  const bucket = new Bucket(options, world.now)
  world.buckets.set(bucket.name, bucket)
  return bucket
}
