import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyFault } from '../../src/lab/faults.ts'
import { archive, contentsOf, type CopyWorld, copyWorld, foreignArchive, logContents } from './support/copy-world.ts'

const largeKey =
  'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0005Z_LargeLargeLarge1.json.gz'
let world: CopyWorld

beforeAll(async () => {
  const window = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 1, 4) }
  world = await copyWorld({ sample: { objects: 1_000, digests: true, window }, faults: everyFault(0.05) })
  const body = Buffer.from(Uint8Array.from({ length: 20 * 1024 ** 2 }, (_, at) => (at * 31) ^ (at >> 8)))
  world.lab.bucket().put(largeKey, body, { metadata: { signature: 'c0ffee' }, contentType: 'application/json' })
})
afterAll(() => world.stop())

test.each([
  ['of the same account', ['--to', archive], () => world.archive],
  ['of another account', ['--to', foreignArchive, '--to-account', 'Zarchive'], () => world.foreign],
])(
  'with every kind of fault on every 20th request, the copies in a bucket %s equal the logs with their metadata',
  async (_, to, bucketOf) => {
    // The end of a session fails all calls in progress. With more calls, some run out of attempts
    const fewCalls = ['--concurrency', '8']
    const patience = ['--timeout', '1s', '--max-attempts', '20']
    const { exitCode, stderr } = await world.run(['copy', 'Z', ...to, ...fewCalls, ...patience])
    expect(stderr).not.toMatch(/failed:|account \w+ failed/)
    expect(exitCode).toBe(0)
    expect(contentsOf(bucketOf())).toEqual(logContents(world))
  },
)
