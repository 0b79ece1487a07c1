import type { Lab } from '../src/lab/lab.ts'
import { Bucket } from '../src/s3/bucket.ts'
import { createHttpClient } from '../src/s3/http-client.ts'
import { Pacer } from '../src/s3/pacer.ts'
import type { AccountId } from '../src/trail/account-id.ts'
import { labBucket } from '../src/lab/fixture.ts'

/** Opens the lab's bucket over HTTP with the keys of its administrator. */
export function openLabBucket(lab: Lab): { readonly bucket: Bucket; close(): Promise<void> } {
  const http = createHttpClient({ env: {}, stallTimeoutMs: 1000 })
  const bucket = new Bucket({
    trail: { bucket: labBucket, owner: '111111111111' as AccountId, region: 'us-east-1', requesterPays: false },
    keys: { current: () => lab.principals.admin, renew: () => Promise.resolve(lab.principals.admin) },
    http,
    pacer: new Pacer({ maxConcurrency: 64 }),
    retry: { maxAttempts: 10, baseDelayMs: 1, maxDelayMs: 20 },
    resolveEndpoint: (name, region) =>
      Promise.resolve({ origin: lab.endpoint, host: new URL(lab.endpoint).host, pathPrefix: `/${name}`, region }),
  })
  return { bucket, close: () => http.close() }
}
