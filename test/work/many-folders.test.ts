import { afterAll, expect, test } from 'vitest'
import { Bucket } from '../../src/s3/bucket.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { Pacer } from '../../src/s3/pacer.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { planSlices } from '../../src/work/plan.ts'
import { endlessServer } from '../endless-server.ts'
import { everything } from './run-world.ts'

const http = createHttpClient({ env: {} })
afterAll(() => http.close())

/** Plans over up to this many pages with a thousand folders each. */
async function plan(pages: number) {
  let page = 0
  await using server = await endlessServer((request, response) => {
    const prefix = new URL(request.url ?? '', 'http://host').searchParams.get('prefix') ?? ''
    const folders = Array.from(
      { length: prefix === 'AWSLogs/' ? 1000 : 0 },
      (_, serial) =>
        `<CommonPrefixes><Prefix>${prefix}${page * 1000 + serial + 100_000_000_000}/</Prefix></CommonPrefixes>`,
    )
    const more = prefix === 'AWSLogs/' && ++page < pages
    const next = more ? `<NextContinuationToken>t${page}</NextContinuationToken>` : ''
    response.end(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${folders.join('')}</ListBucketResult>`)
    return undefined
  })
  const { endpoint } = server
  const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret-access-key' }
  const bucket = new Bucket({
    trail: { bucket: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1', requesterPays: false },
    keys: { current: () => keys, renew: () => Promise.resolve(keys) },
    http,
    pacer: new Pacer({ maxConcurrency: 8 }),
    resolveEndpoint: (_, region) =>
      Promise.resolve({ origin: endpoint, host: new URL(endpoint).host, pathPrefix: '/logs', region }),
  })
  const slices = await planSlices({
    layout: { prefix: '' },
    assignment: { account: 'Z', allBut: [] },
    selection: { ...everything, kinds: ['events'], regions: ['us-east-1'] },
    bucket,
    listener: () => undefined,
    onFailed: (_, error) => {
      throw error
    },
    signal: new AbortController().signal,
  })
  return { slices: slices.length, requests: server.requests }
}

test('finds all folders of several pages', async () => {
  expect(await plan(5)).toEqual({ slices: 5000, requests: 5 })
})

test('an endless listing of folders is an error', async () => {
  await expect(plan(Infinity)).rejects.toMatchObject({ code: 'bucket.too-many-folders' })
})
