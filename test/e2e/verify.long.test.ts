import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { trailWindow } from './support/altered-trail.ts'
import { allDigests, codes, filesOf, summary, verifiedTrail, type VerifiedTrail } from './support/verified-trail.ts'

let trail: VerifiedTrail
beforeAll(async () => {
  trail = await verifiedTrail()
})
afterEach(() => trail.world.lab.setFaults({}))
afterAll(() => trail.world.stop())

describe('an untouched trail', () => {
  test('verifies in the bucket with three threads', async () => {
    const result = await trail.verify('Z', ...trailWindow, '--threads', '3', '--concurrency', '6', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(summary(result)).toMatchObject({ ...allDigests, logs: { verified: 120 } })
  })

  test('has the same rows as CSV', async () => {
    const lines = (await trail.verify('Z', ...trailWindow, '--output', 'csv')).stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(137)
    expect(lines[0]).toMatch(/^type,state,code,key,/)
  })

  test('is selected by globs in the same way in a mirror', async () => {
    for (const glob of ['AWSLogs/*/CloudTrail/**/*_20261101T03*', '*_20261101T03*']) {
      const counts: unknown[] = []
      for (const result of [
        await trail.verify('Z', ...trailWindow, '--include', glob, '--output', 'json'),
        await trail.verifyDir(trail.mirror, '--include', glob, '--output', 'json'),
      ]) {
        expect(result).toMatchObject({ exitCode: 0 })
        counts.push((summary(result)['logs'] as Record<string, number>)['verified'])
      }
      expect(counts[0]).toBeGreaterThan(3)
      expect(counts[1]).toBe(counts[0])
    }
  })
})

describe('a mirror', () => {
  test('with a file of a signature that was changed has a finding', async () => {
    const folder = trail.mirrorCopy()
    const [one = '', two = ''] = filesOf(folder, /eu-west-1.*\.signature$/)
    writeFileSync(one, 'not JSON')
    writeFileSync(two, readFileSync(two, 'utf8').replace(/"signature":"../, '"signature":"zz'))
    const wrong = ['verify.signature-wrong', 'verify.signature-wrong']
    const result = await trail.verifyDir(folder, '--output', 'json')
    expect(codes(result)).toEqual(['verify.previous-signature', 'verify.previous-signature', ...wrong])
  })

  test('is found wherever it begins: at AWSLogs, at the account, and in a folder for each', async () => {
    for (const dir of [join(trail.mirror, 'AWSLogs'), join(trail.mirror, 'AWSLogs/222222222222')]) {
      expect(await trail.verifyDir(dir)).toMatchObject({ exitCode: 0 })
    }
    const folder = trail.world.newPath()
    cpSync(trail.mirror, join(folder, 'buckets/example/prefix'), { recursive: true })
    expect(await trail.verifyDir(folder)).toMatchObject({ exitCode: 0 })
  })

  test('of copied logs agrees with itself, so the move is no finding', async () => {
    const folder = trail.world.newPath()
    cpSync(join(trail.mirror, 'AWSLogs'), join(folder, 'another-prefix/AWSLogs'), { recursive: true })
    const result = await trail.verifyDir(folder)
    expect(result).toMatchObject({ exitCode: 0 })
  })

  test('of another place than --moved-from names has a finding for each digest', async () => {
    const right = await trail.verifyDir(trail.mirror, '--moved-from', 's3://example-cloudtrail-logs')
    expect(right).toMatchObject({ exitCode: 0 })
    const wrong = await trail.verifyDir(trail.mirror, '--moved-from', 's3://example-other-bucket', '--output', 'json')
    expect(codes(wrong)).toEqual(Array.from({ length: 16 }, () => 'verify.digest-misplaced'))
  })
})

describe('in the bucket', () => {
  test('archived logs are counted and not checked; an archived digest is a finding', async () => {
    const stream = trail.stream('eu-west-1')
    const bodies = [stream.logOf(2), stream.digest(5)].map(
      (key) => [key, stream.body(key), stream.metadata(key)] as const,
    )
    const [[log], [digest]] = bodies as [(typeof bodies)[0], (typeof bodies)[0]]
    stream.archive(log)
    const one = await trail.verify('Z', ...trailWindow, '--output', 'json')
    expect(one).toMatchObject({ exitCode: 0 })
    expect(summary(one)).toMatchObject({ logs: { archived: 1, verified: 119 }, findings: {} })
    stream.archive(digest)
    const two = await trail.verify('Z', ...trailWindow, '--output', 'json')
    expect(two).toMatchObject({ exitCode: 1 })
    expect(codes(two)).toEqual(['verify.digest-unread'])
    for (const [key, body, metadata] of bodies) stream.replace(key, body, metadata)
  })

  test('logs that were copied elsewhere are misplaced, and with --moved-from they are only moved', async () => {
    const bucket = trail.world.lab.bucket()
    for (const key of bucket.keys().filter((each) => each.startsWith('AWSLogs/'))) {
      const { body, metadata } = bucket.get(key) ?? { body: Buffer.alloc(0), metadata: {} }
      bucket.put(`archive/${key}`, body, { metadata })
    }
    const config = trail.world.configWith((text) =>
      text.replace('  region: us-east-1', '  region: us-east-1\n  prefix: archive').replaceAll('download]', 'verify]'),
    )
    const args = ['verify', 'Z', '--config', config, ...trailWindow, '--output', 'json']
    const misplaced = await trail.world.run(args)
    expect(misplaced).toMatchObject({ exitCode: 1 })
    expect(codes(misplaced)).toEqual(Array.from({ length: 16 }, () => 'verify.digest-misplaced'))
    const moved = await trail.world.run([...args, '--moved-from', 's3://example-cloudtrail-logs'])
    expect(moved).toMatchObject({ exitCode: 0 })
    const deliveredTo = { 's3://example-cloudtrail-logs/AWSLogs/': 16 }
    expect(summary(moved)).toMatchObject({ ...allDigests, moved: true, deliveredTo, logs: { verified: 120 } })
  })

  test('that account verifies with the keys of a file', async () => {
    expect(await trail.verify('B', ...trailWindow, '--keys', trail.keys)).toMatchObject({ exitCode: 0 })
  })

  test('digests that the role may not read fail the account, and are not missing', async () => {
    trail.world.lab.setFaults({
      hook: ({ operation, key }) =>
        operation === 'GetObject' && key.includes('CloudTrail-Digest/eu-west-1')
          ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
          : undefined,
    })
    const result = await trail.verify('Z', ...trailWindow, '--output', 'json')
    expect(result).toMatchObject({ exitCode: 3 })
    expect(result.stderr).toContain('access.object-denied')
    expect(codes(result)).toEqual([])
    const { chains } = summary(result) as { chains: Record<string, unknown>[] }
    expect(chains.filter(({ region }) => region === 'us-east-1')).toMatchObject([{ proven: 8, finished: true }])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it in order with %i, and it does not report what it did not read', async (signal, code) => {
    const { child, result } = trail.world.start([
      'verify',
      'Z',
      '--config',
      trail.config,
      ...trailWindow,
      '--concurrency',
      '4',
      '--output',
      'json',
    ])
    let gets = 0
    trail.world.lab.setFaults({
      hook: ({ operation }) => {
        if (operation !== 'GetObject') return undefined
        gets++
        if (gets === 40) child.kill(signal)
        return gets < 40 ? undefined : { latencyMs: 50 }
      },
    })
    const ended = await result
    expect(ended).toMatchObject({ exitCode: code })
    expect(codes(ended)).toEqual([])
    expect(summary(ended)).toMatchObject({ interrupted: true, findings: {} })
  })
})
