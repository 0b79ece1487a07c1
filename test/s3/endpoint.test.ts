import { afterEach, describe, expect, it, vi } from 'vitest'
import { resolveBucketEndpoint } from '../../src/s3/sdk.ts'

const bucket = 'example-cloudtrail-logs'

afterEach(() => vi.unstubAllEnvs())

async function endpointOf(name: string, region: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value)
  const { origin, pathPrefix } = await resolveBucketEndpoint(name, region)
  return origin + pathPrefix
}

describe('the endpoint of a bucket', () => {
  it.each([
    [bucket, 'us-east-1', {}, `https://${bucket}.s3.us-east-1.amazonaws.com`],
    [bucket, 'cn-north-1', {}, `https://${bucket}.s3.cn-north-1.amazonaws.com.cn`],
    [bucket, 'us-gov-west-1', {}, `https://${bucket}.s3.us-gov-west-1.amazonaws.com`],
    ['logs.example.com', 'us-east-1', {}, 'https://s3.us-east-1.amazonaws.com/logs.example.com'],
    [bucket, 'us-east-1', { AWS_USE_FIPS_ENDPOINT: 'true' }, `https://${bucket}.s3-fips.us-east-1.amazonaws.com`],
    [
      bucket,
      'us-east-1',
      { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      `https://${bucket}.s3.dualstack.us-east-1.amazonaws.com`,
    ],
    [bucket, 'us-east-1', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' }, `http://127.0.0.1:9000/${bucket}`],
    [bucket, 'us-east-1', { AWS_ENDPOINT_URL_S3: 'https://store.example.com' }, `https://store.example.com/${bucket}`],
    [
      bucket,
      'us-east-1',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_S3: 'http://localhost:2' },
      `http://localhost:2/${bucket}`,
    ],
    [
      bucket,
      'us-east-1',
      { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' },
      `https://${bucket}.s3.us-east-1.amazonaws.com`,
    ],
  ])('%s in %s with %j is %s', async (name, region, env, expected) => {
    expect(await endpointOf(name, region, env)).toBe(expected)
  })

  it('without a region is an error that names what to check', async () => {
    await expect(resolveBucketEndpoint(bucket, 'no region')).rejects.toMatchObject({ code: 'config.endpoint' })
  })
})
