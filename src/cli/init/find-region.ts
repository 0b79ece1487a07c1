import { CrosstrailError } from '../../error.ts'
import { bucketRegion } from '../../s3/bucket-region.ts'
import { createHttpClient } from '../../s3/http-client.ts'
import { arnPartition, isRegion, partitionOf } from '../../trail/region.ts'
import type { Environment } from '../../config/environment.ts'
import { prepareSdk } from '../../app/prepare-sdk.ts'

export interface RegionSearch {
  readonly bucket: string
  readonly role: string | undefined
  readonly env: Environment
  readonly signal: AbortSignal
}

/** Returns the bucket's region, or the reason why it could not be found. Throws `interrupted`. */
export async function findRegion({ bucket, role, env, signal }: RegionSearch): Promise<string | CrosstrailError> {
  prepareSdk()
  const http = createHttpClient({ env, connectTimeoutMs: 5_000, stallTimeoutMs: 10_000 })
  try {
    const partition = arnPartition(role ?? '') ?? partitionOfEnvironment(env)
    const region = await bucketRegion(bucket, partition, http, signal)
    if (region !== undefined && isRegion(region)) return region
    return new CrosstrailError('bucket.region-unknown', `the endpoint does not say which region ${bucket} is in`)
  } catch (error) {
    if (error instanceof CrosstrailError && error.code !== 'interrupted') return error
    throw error
  } finally {
    await http.close()
  }
}

function partitionOfEnvironment(env: Environment) {
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? ''
  return isRegion(region) ? partitionOf(region) : 'aws'
}
