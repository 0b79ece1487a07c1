import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Fault } from '../../src/lab/faults.ts'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

let world: LabWorld
let logs: readonly StoredLog[]
let victim: StoredLog

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
  logs = storedLogs(world.lab).filter(({ logAccount }) => logAccount === '222222222222')
  victim = logs[3] as StoredLog
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

async function download(...args: string[]) {
  const to = world.newPath()
  const result = await world.run(['download', 'B', '--to', to, '--output', 'json', '--max-attempts', '3', ...args])
  return { to, ...result, failed: jsonLines(result.stdout).filter(({ status }) => status === 'failed') }
}

function onVictim(fault: Fault | (() => Fault | undefined)): void {
  world.lab.setFaults({
    hook: ({ operation, key }) => {
      if (operation !== 'GetObject' || key !== victim.key) return undefined
      return typeof fault === 'function' ? fault() : fault
    },
  })
}

const others = () => mirrorOf(logs.filter((log) => log !== victim))

test('a key that vanishes between list and get fails only itself', async () => {
  onVictim(() => void world.lab.bucket().delete(victim.key))
  const { to, exitCode, failed } = await download()
  const { body, lastModifiedMs } = victim.object
  world.lab.bucket().put(victim.key, body, { lastModifiedMs, withCrc32: true })
  expect(exitCode).toBe(1)
  expect(failed).toMatchObject([{ key: victim.key, code: 'object.gone' }])
  expect(treeOf(to)).toEqual(others())
})

test('a denied KMS key fails only its object', async () => {
  const message = 'User is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext'
  onVictim({ status: 403, code: 'AccessDenied', message })
  const { to, exitCode, failed } = await download()
  expect(exitCode).toBe(1)
  expect(failed).toMatchObject([{ key: victim.key, code: 'access.kms-denied' }])
  expect(treeOf(to)).toEqual(others())
})

test.each<[Fault & string, RegExp]>([
  ['longBody', /^object.too-long$/],
  ['shortBody', /^network.short-answer$/],
  ['emptyBody', /^object.truncated$/],
  ['wrongByte', /^object.corrupt$/],
  // If the reset arrives before half of the body is read, Node reports an end instead
  ['resetMidBody', /^network.(broken|short-answer)$/],
  ['internalError', /^bucket.server-error$/],
])('a body with %s every time fails its object and leaves no file', async (fault, code) => {
  onVictim(fault)
  const { to, exitCode, failed } = await download()
  expect(exitCode).toBe(1)
  expect(failed).toMatchObject([{ key: victim.key, code: expect.stringMatching(code) }])
  expect(treeOf(to)).toEqual(others())
})

test('a body that stalls every time ends by the time-out', async () => {
  onVictim('stall')
  const { to, exitCode, failed } = await download('--timeout', '1s')
  expect(exitCode).toBe(1)
  expect(failed).toMatchObject([{ key: victim.key, code: 'network.stalled' }])
  expect(treeOf(to)).toEqual(others())
})

test.each<[Fault & string, string]>([
  ['malformedXml', 'bucket.malformed-answer'],
  ['truncatedXml', 'bucket.malformed-answer'],
  ['emptyBody', 'bucket.malformed-answer'],
  ['errorInside200', 'bucket.server-error'],
  ['otherListing', 'bucket.wrong-page'],
])('a listing with %s every time is an error, not an empty bucket', async (fault, code) => {
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'ListObjectsV2' ? fault : undefined) })
  const { exitCode, stdout, stderr } = await world.run(['list', 'B', '--output', 'json', '--max-attempts', '3'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toContain(`"code":"${code}"`)
})

test('a listing whose pages repeat their token ends with an error', async () => {
  const bucket = world.lab.bucket()
  const { body } = victim.object
  const more = Array.from({ length: 2_500 }, (_, serial) =>
    victim.key.replace(/_\w{16}\./, `_${String(serial).padStart(16, '0')}.`),
  )
  bucket.putShared(more, body)
  world.lab.setFaults({ hook: ({ query }) => (query.has('continuation-token') ? 'repeatedToken' : undefined) })
  const { exitCode, stderr } = await world.run(['list', 'B', '--output', 'json', '--max-attempts', '3'])
  for (const key of more) bucket.delete(key)
  expect(exitCode).toBe(1)
  expect(stderr).toContain('bucket.listing-loops')
})

test('one bad answer of each kind only costs time', async () => {
  const faults = ['longBody', 'wrongByte', 'emptyBody', 'errorInside200', 'malformedXml', 'truncatedXml'] as const
  world.lab.setFaults({ rules: faults.map((fault) => ({ fault, probability: 1, times: 1 })) })
  const to = world.newPath()
  expect(await world.run(['download', 'B', '--to', to])).toMatchObject({ exitCode: 0 })
  expect(treeOf(to)).toEqual(mirrorOf(logs))
})

test('counts a key with control characters, and never prints it raw', async () => {
  const evil = 'AWSLogs/222222222222/CloudTrail/us-east-1/\u001B[2Jgone\n\u0007.json.gz'
  world.lab.bucket().put(evil, victim.object.body)
  const to = world.newPath()
  const shown = await world.run(['download', 'B', '--to', to, '--verbose'])
  const listed = await download()
  world.lab.bucket().delete(evil)
  expect(shown.exitCode).toBe(0)
  expect(shown.stdout + shown.stderr + listed.stdout + listed.stderr).not.toMatch(/[\u001B\u0007]/)
  expect(
    jsonLines(listed.stdout)
      .filter(({ reason }) => reason === 'foreign')
      .map(({ key }) => key),
  ).toContain(evil)
  expect(Object.keys(treeOf(to))).toEqual(keysOf(logs))
})

test("escapes control characters in the server's messages", async () => {
  const evil = victim.key.replace(/_\w{16}\.json/, '_AbCdEfGh01234567.json')
  world.lab.bucket().put(evil, 'x')
  world.lab.setFaults({
    hook: ({ operation, key }) =>
      operation === 'GetObject' && key === evil
        ? { status: 400, code: 'Bad\u001B[31m', message: 'red \u001B[31m\u0007 \u202Etext' }
        : undefined,
  })
  const { exitCode, stderr, stdout } = await world.run(['download', 'B', '--to', world.newPath()])
  world.lab.bucket().delete(evil)
  expect(exitCode).toBe(1)
  expect(stderr).toContain('\\x1b[31m')
  expect(stdout + stderr).not.toMatch(/[\u001B\u0007\u202E]/)
})
