import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import type { KeySource, SigningKeys } from './key-source.ts'
import { EmptyPages } from './empty-pages.ts'
import type { HttpClient } from './http.ts'
import type { S3, S3ClientConfig } from './s3-client.ts'
import { type SdkHttpRequest, sdkHttpHandler } from './sdk-http-handler.ts'
import { demandAskedAnswer } from './whole-document.ts'
import { s3AnswerLimit } from './bounded-body.ts'

/** The address of a bucket: `origin` + `pathPrefix` + `/` + key, signed for `region`. */
export interface BucketEndpoint {
  readonly origin: string
  readonly host: string
  /** Empty for virtual-hosted style, `/bucket` for path style. */
  readonly pathPrefix: string
  readonly region: string
}

export interface OwnBucket {
  readonly name: string
  readonly createdAt: string | undefined
  readonly region: string | undefined
}

/**
 * Returns the endpoint of a bucket by the SDK's own rules: partitions, FIPS, dual stack, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 and the
 * shared config file. Buckets with dots in their names and endpoints outside of AWS use path style. Sends nothing.
 */
export async function resolveBucketEndpoint(bucket: string, region: string): Promise<BucketEndpoint> {
  const first = await captureRequest(bucket, region, false)
  const request = isAwsHost(first.hostname) ? first : await captureRequest(bucket, region, true)
  const port = request.port === undefined ? '' : `:${request.port}`
  return {
    origin: `${request.protocol}//${request.hostname}${port}`,
    host: `${request.hostname}${port}`,
    pathPrefix: request.path.replace(/\/$/, ''),
    region,
  }
}

/** Returns whether the endpoint of a bucket belongs to AWS and not to a server that imitates it. Sends nothing. */
export async function isAwsEndpoint(bucket: string, region: string): Promise<boolean> {
  return isAwsHost((await captureRequest(bucket, region, false)).hostname)
}

export interface S3Options {
  readonly bucket: string
  readonly region: string
  readonly pathStyle: boolean
  readonly requesterPays: boolean
  readonly keys: SigningKeys
  readonly http: HttpClient
}

/** Returns the SDK's S3 client for one bucket and set of keys. It does not retry, and rejects answers that are cut off or of another listing. */
export async function openS3({ bucket, region, pathStyle, requesterPays, keys, http }: S3Options): Promise<S3> {
  const { createS3 } = await loadSdk()
  const s3 = createS3({
    region,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    requestHandler: sdkHttpHandler(http, {
      limit: s3AnswerLimit,
      check: (request, answer) => demandAskedAnswer(request, answer, bucket),
    }),
    credentials: sdkCredentials(keys),
  })
  // The SDK's model has this header only for some calls.
  if (requesterPays) s3.middlewareStack.add(withHeaders({ 'x-amz-request-payer': 'requester' }), { step: 'build' })
  return s3
}

/** A middleware for the step `build`. Its headers are sent unchanged, and signed. */
export function withHeaders(headers: Readonly<Record<string, string>>) {
  return <Args extends { request: unknown }, Result>(next: (args: Args) => Promise<Result>) =>
    (args: Args): Promise<Result> => {
      Object.assign((args.request as SdkHttpRequest).headers, headers)
      return next(args)
    }
}

/** Loads the SDK only before something is sent, because loading takes long. */
export function loadSdk(): Promise<typeof import('./s3-client.ts')> {
  return import('./s3-client.ts')
}

/** Returns the buckets that a session's role can see. Throws `interrupted` if `signal` is aborted. */
export async function listOwnBuckets(
  keys: KeySource,
  http: HttpClient,
  region: string,
  signal?: AbortSignal,
): Promise<OwnBucket[]> {
  const { S3Client, paginateListBuckets } = await loadSdk()
  const client = new S3Client({
    region,
    requestHandler: sdkHttpHandler(http, { limit: s3AnswerLimit }),
    credentials: async () => sdkCredentials(await keys.current()),
  })
  try {
    const buckets: OwnBucket[] = []
    const empty = new EmptyPages('all buckets')
    const sendOptions = signal === undefined ? {} : { abortSignal: signal }
    for await (const page of paginateListBuckets({ client }, { MaxBuckets: 1000 }, sendOptions)) {
      if ((page.Buckets ?? []).length === 0) empty.count()
      if (buckets.length > mostBuckets) throw tooManyBuckets()
      for (const { Name, CreationDate, BucketRegion } of page.Buckets ?? []) {
        if (Name !== undefined)
          buckets.push({ name: Name, createdAt: CreationDate?.toISOString(), region: BucketRegion })
      }
    }
    return buckets
  } catch (cause) {
    throw signal?.aborted === true ? stoppedListing(cause) : listBucketsError(cause)
  } finally {
    client.destroy()
  }
}

function sdkCredentials({ accessKeyId, secretAccessKey, sessionToken }: SigningKeys) {
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}

/** The maximum number of buckets that AWS allows an account. */
const mostBuckets = 1_000_000

function tooManyBuckets(): CrosstrailError {
  return new CrosstrailError(
    'bucket.endless-listing',
    `the list of buckets does not end: it has more than ${mostBuckets}`,
    {
      hint: 'no account may have that many: the endpoint is not compatible with S3',
    },
  )
}

function stoppedListing(cause: unknown): CrosstrailError {
  return new CrosstrailError('interrupted', 'stopped while listing buckets', { cause })
}

function listBucketsError(cause: unknown): Error {
  if (!(cause instanceof Error) || cause instanceof CrosstrailError) return cause as Error
  const denied = cause.name === 'AccessDenied' || cause.name === 'AllAccessDisabled'
  return new CrosstrailError(
    denied ? 'access.list-buckets-denied' : 'bucket.refused',
    `ListBuckets answered ${maskedForeignText(`${cause.name}: ${cause.message}`)}`,
    {
      hint: denied ? 'the role must allow s3:ListAllMyBuckets' : undefined,
      facts: { serviceCode: cause.name, operation: 'ListBuckets' },
      cause,
    },
  )
}

class Captured extends Error {
  readonly request: SdkHttpRequest
  constructor(request: SdkHttpRequest) {
    super('captured')
    this.request = request
  }
}

/** Builds a request with the SDK and captures it instead of sending it. */
async function captureRequest(bucket: string, region: string, forcePathStyle: boolean): Promise<SdkHttpRequest> {
  const { HeadBucketCommand, S3Client } = await loadSdk()
  const client = new S3Client({
    region,
    forcePathStyle,
    maxAttempts: 1,
    credentials: { accessKeyId: 'unused', secretAccessKey: 'unused' },
    requestHandler: {
      handle: (request: SdkHttpRequest) => Promise.reject(new Captured(request)),
    } as NonNullable<S3ClientConfig['requestHandler']>,
  })
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
  } catch (error) {
    if (error instanceof Captured) return error.request
    throw new CrosstrailError(
      'config.endpoint',
      `no endpoint for the bucket ${bucket} in ${region}: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'check trail.bucket, trail.region and AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT',
        cause: error,
      },
    )
  } finally {
    client.destroy()
  }
  throw new Error('the SDK sent a request past its handler')
}

/** The DNS suffixes of AWS's partitions. */
const awsSuffixes = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'api.aws',
  'amazonwebservices.com.cn',
  'api.amazonwebservices.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
]

function isAwsHost(hostname: string): boolean {
  return awsSuffixes.some((suffix) => hostname.endsWith(`.${suffix}`))
}
