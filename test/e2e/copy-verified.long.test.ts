import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AlteredStream, trailWindow } from './support/altered-trail.ts'
import { archive, foreignArchive } from './support/copy-world.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { interloper } from './support/interloper.ts'
import { type VerifiedWorld, verifiedWorld } from './support/verified-world.ts'

let world: VerifiedWorld
let stream: AlteredStream
beforeAll(async () => {
  world = await verifiedWorld(['us-east-1'])
  stream = world.stream('us-east-1')
})
afterAll(() => world.stop())

function copyVerified(...args: readonly string[]): Promise<CommandResult> {
  return world.run(['copy', 'Z', ...trailWindow, '--verified', ...args])
}

test('takes only what is selected, and counts what a glob excludes', async () => {
  const some = ['--kind', 'events', '--exclude', '*_20261101T0[0-5]*', '--dry-run']
  const dry = await copyVerified('--to', archive, ...some)
  const taken = stream.logs.filter((key) => /_20261101T0[67]/.test(key))
  expect(dry).toMatchObject({ exitCode: 0 })
  expect(dry.stdout.trimEnd().split('\n')).toHaveLength(taken.length + 1)
  expect(dry.stderr).toContain(`${stream.logs.length - taken.length} unselected, ${taken.length} dry-run`)
  expect(world.archive.keys()).toEqual([])
})

test('does not copy a log that is altered after it was checked', async () => {
  const key = stream.logOf(3)
  const before = stream.body(key)
  const between = await interloper(world.lab.endpoint, (line) => {
    if (line.startsWith('PUT ') && line.includes(key.slice(-30))) stream.replace(key, Buffer.from('altered'))
    return false
  })
  const env = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${between.port}` }
  const result = await world.run(['copy', 'Z', ...trailWindow, '--to', `${archive}/late`, '--verified'], { env })
  between.close()
  stream.replace(key, before)
  expect(result).toMatchObject({ exitCode: 1 })
  expect(result.stderr).toContain('object.changed')
  expect(world.archive.keys()).not.toContain(`trail/late/${key}`)
})

test('writes a large log to another account in parts, as it was checked', async () => {
  const key = stream.logOf(-1)
  const before = stream.body(key)
  const text = JSON.stringify({ Records: [], noise: randomBytes(12 * 1024 ** 2).toString('hex') })
  const large = gzipSync(text, { level: 1 })
  stream.replace(key, large)
  stream.rewrite(stream.digest(-1), (fields) => {
    for (const log of fields['logFiles'] as Record<string, string>[]) {
      if (log['s3Object'] === key) log['hashValue'] = createHash('sha256').update(text).digest('hex')
    }
  })
  const to = ['--to', foreignArchive, '--to-account', 'Zarchive', '--include', key.slice(key.lastIndexOf('/') + 1)]
  const result = await copyVerified(...to, '--verify', '--output', 'json')
  expect(result).toMatchObject({ exitCode: 0 })
  const copy = world.foreign.get(`trail/${key}`)
  expect(copy?.body.equals(large)).toBe(true)
  expect(jsonLines(result.stdout).find((row) => row['key'] === key)).toMatchObject({ mode: 'streamed-parts' })
  expect(jsonLines(result.stdout).find((row) => 'verification' in row)).toMatchObject({ verification: { verified: 1 } })
  stream.replace(key, before)
})

test('requests the restore of archived logs that a digest lists', async () => {
  const key = stream.logOf(4)
  stream.archive(key)
  const thaw = ['--restore-tier', 'bulk', '--output', 'json']
  const result = await copyVerified('--to', archive, ...thaw)
  const rows = jsonLines(result.stdout).filter((row) => row['key'] === key)
  expect(rows).toMatchObject([{ reason: 'archived', restore: 'requested' }])
})
