import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { labBucket } from '../../src/lab/fixture.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { middlebox, sayNothing } from './support/middlebox.ts'
import { storedLogs } from './support/stored-logs.ts'

const window = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 1, 12) }

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({
    sample: {
      objects: 40,
      digests: true,
      window,
      kinds: ['events'],
      regions: ['us-east-1', 'eu-west-1'],
      logAccounts: ['222222222222', '333333333333'] as unknown as [AccountId, ...AccountId[]],
    },
  })
})
afterAll(() => world.stop())

test('reports a missing log that only another account could see, and --fail-on-gap fails', async () => {
  const gone = storedLogs(world.lab).find(({ logAccount, kind }) => logAccount === '333333333333' && kind === 'events')
  world.lab.bucket().delete(gone?.key ?? '')
  const pull = ['pull', 'B', 'C', '--to', world.newPath(), '--since', '2026-10-31', '--max-attempts', '2']
  const { exitCode, stderr } = await world.run([...pull, '--fail-on-gap'])
  expect(stderr).toMatch(
    new RegExp(
      `^finding: 333333333333 ${gone?.region} events: digests list 1 log that the bucket does not have, the first ${gone?.key}`,
      'm',
    ),
  )
  expect(stderr).not.toContain('could not check its logs')
  expect(exitCode).toBe(1)
})

test('does not trust a digest whose body differs from the listed one, and the next pull reads it', async () => {
  const logs = storedLogs(world.lab).filter(({ logAccount }) => logAccount === '222222222222')
  const gone = logs.find(({ kind }) => kind === 'events')
  world.lab.bucket().delete(gone?.key ?? '')
  // The pull takes the digests unchanged. The ones that it then reads list no log
  const taken = new Set<string>()
  const digests = logs.filter(({ kind }) => kind === 'digest').map(({ key }) => key)
  const change = middlebox(
    Object.fromEntries(digests.map((key) => [key, { etag: sayNothing['no ETag'], body: withoutLogs }])),
  )
  world.lab.setFaults({
    hook: (request) => {
      if (request.operation !== 'GetObject' || !digests.includes(request.key)) return undefined
      if (taken.has(request.key)) return change(request)
      taken.add(request.key)
      return undefined
    },
  })
  const pull = ['pull', 'B', '--to', world.newPath(), '--since', '2026-10-31', '--max-attempts', '2', '--fail-on-gap']
  const first = await world.run(pull)
  world.lab.setFaults({})
  expect(first.stderr).toContain("could not check its logs: the body's md5 differs from the listing's")
  expect(first.stderr).not.toContain('digests list')
  const second = await world.run(pull)
  expect(second.stderr).toContain(`digests list 1 log that the bucket does not have, the first ${gone?.key}`)
  expect(second.exitCode).toBe(1)
})

test('reports a log that a digest lists in another bucket, but not as a gap', async () => {
  const logs = storedLogs(world.lab).filter(({ logAccount }) => logAccount === '333333333333')
  const digest = logs.find(({ kind, key }) => kind === 'digest' && listedIn(world, key).length > 0)
  const key = digest?.key ?? ''
  const listed = listedIn(world, key).map((file) => Object.assign({}, file, { s3Bucket: 'old-logs' }))
  for (const { s3Object } of listed) world.lab.bucket().delete(s3Object)
  world.lab.bucket().put(key, gzipSync(JSON.stringify({ logFiles: listed })))
  const only = ['--log-account', '333333333333', '--since', '2026-10-31']
  const pull = await world.run(['pull', 'Z', '--to', world.newPath(), ...only])
  expect(pull.stderr).toMatch(new RegExp(`logs? in the bucket old-logs that ${labBucket} does not have`))
  for (const { s3Object } of listed) expect(pull.stderr).not.toContain(`the first ${s3Object}`)
})

function listedIn({ lab }: LabWorld, key: string): { readonly s3Object: string }[] {
  const body = lab.bucket().get(key)?.body ?? gzipSync('{"logFiles":[]}')
  return (JSON.parse(gunzipSync(body).toString()) as { logFiles: { s3Object: string }[] }).logFiles
}

function withoutLogs(body: Buffer): Buffer {
  const digest = gzipSync('{"logFiles":[]}')
  return Buffer.concat([digest, Buffer.alloc(body.length - digest.length)])
}
