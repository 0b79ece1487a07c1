import { CrosstrailError } from '../error.ts'
import type { Partition } from '../trail/region.ts'
import { collect } from './collect.ts'
import { foreignAnswer } from './foreign-answer.ts'
import type { HttpClient } from './http.ts'
import { resolveBucketEndpoint } from './sdk.ts'
import { bucketRegionOf } from './service-error.ts'

/** Every region of a partition knows the region of each bucket in it. */
const askedRegions: Readonly<Record<Partition, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-eusc': 'eusc-de-east-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-south-1',
}

/**
 * Returns the region of any bucket, by an unsigned HeadBucket. S3 names the region even if it refuses the call. Returns undefined if the
 * endpoint is not AWS S3 and does not name the region. Throws `bucket.not-found`, `network.…`, `config.endpoint`.
 */
export async function bucketRegion(
  bucket: string,
  partition: Partition,
  http: HttpClient,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { origin, pathPrefix } = await resolveBucketEndpoint(bucket, askedRegions[partition])
  const answer = await collect(
    http,
    { origin, method: 'HEAD', path: pathPrefix === '' ? '/' : pathPrefix, headers: {} },
    signal,
  )
  const foreign = foreignAnswer(answer, { call: `HeadBucket of ${bucket}`, origin, http })
  if (foreign !== undefined) throw foreign
  const { status, headers } = answer
  const region = bucketRegionOf(headers)
  if (region === undefined && status === 404) throw noBucket(bucket, partition)
  return region
}

function noBucket(bucket: string, partition: Partition): CrosstrailError {
  return new CrosstrailError('bucket.not-found', `the bucket ${bucket} does not exist in the partition ${partition}`, {
    hint: 'check the name of the bucket; it may be in another partition or deleted',
    facts: { bucket, partition },
  })
}
