import { beforeEach, afterAll, describe, expect, test } from 'vitest'
import { FaultPlan, faultNames, type FaultName, type FaultRule, type SeenRequest } from '../../src/lab/faults.ts'
import { labBucket, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { seededRandom } from '../../src/lab/random.ts'
import type { Reply } from '../../src/lab/reply.ts'
import { assume, refusal } from './lab-clients.ts'
import { signedGet, type WireAnswer } from './signed-get.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const { admin, bAudit } = lab.principals
const body = '0123456789'.repeat(100)
for (const key of ['k/1', 'k/2', 'k/3']) lab.bucket().put(key, body)
beforeEach(() => lab.setFaults({}))

async function getUnder(fault: FaultName): Promise<WireAnswer> {
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['GetObject'] }] })
  return signedGet(lab, admin, `/${labBucket}/k/1`)
}

async function listUnder(fault: FaultName | undefined, query: Record<string, string> = {}): Promise<WireAnswer> {
  lab.setFaults(fault === undefined ? {} : { rules: [{ fault, probability: 1 }] })
  return signedGet(lab, admin, `/${labBucket}`, { 'list-type': '2', 'max-keys': '1', ...query })
}

function tokenOf(answer: WireAnswer): string {
  return /<NextContinuationToken>([^<]*)</.exec(answer.body)?.[1] ?? ''
}

describe('on the wire', () => {
  test.each([
    ['slowDown', 503, 'SlowDown'],
    ['internalError', 500, 'InternalError'],
    ['expiredToken', 400, 'ExpiredToken'],
  ] as const)('%s answers %i %s', async (fault, status, code) => {
    expect(await getUnder(fault)).toMatchObject({ status, body: expect.stringContaining(`<Code>${code}</Code>`) })
  })

  test.each([
    ['resetBeforeHeaders', 0, 0, 'cut'],
    ['shortBody', 1_000, 500, 'cut'],
    ['stall', 1_000, 500, 'silent'],
    ['emptyBody', 0, 0, 'whole'],
  ] as const)('%s announces %i bytes, sends %i and is %s', async (fault, announcedBytes, sent, end) => {
    const answer = await getUnder(fault)
    expect(answer).toMatchObject({ announcedBytes, end })
    expect(answer.body).toBe(body.slice(0, sent))
  })

  test('resetMidBody cuts a body that was announced in full', async () => {
    expect(await getUnder('resetMidBody')).toMatchObject({ announcedBytes: 1_000, end: 'cut' })
  })

  test('longBody is complete and longer than the object', async () => {
    const answer = await getUnder('longBody')
    expect(answer.end).toBe('whole')
    expect(answer.body.length).toBe(answer.announcedBytes)
    expect(answer.body.length).toBeGreaterThan(1_000)
  })

  test('wrongByte differs in one byte', async () => {
    const answer = await getUnder('wrongByte')
    const right = Buffer.from(body)
    const wrong = Buffer.from(answer.body, 'latin1').filter((byte, index) => byte !== right[index])
    expect([answer.end, answer.body.length, wrong.length]).toEqual(['whole', 1_000, 1])
  })

  test('errorInside200 is a 200 with an error document', async () => {
    const answer = await listUnder('errorInside200')
    expect(answer).toMatchObject({ status: 200, end: 'whole' })
    expect(answer.body).toContain('<Error><Code>InternalError</Code>')
  })

  test('malformedXml never closes its last key', async () => {
    const answer = await listUnder('malformedXml')
    expect(answer).toMatchObject({ status: 200, end: 'whole' })
    expect(answer.body).not.toContain('</Key>')
  })

  test('truncatedXml never ends, although its length agrees', async () => {
    const answer = await listUnder('truncatedXml')
    expect(answer).toMatchObject({ status: 200, end: 'whole' })
    expect(answer.body).not.toContain('</ListBucketResult>')
  })

  test('repeatedToken gives a page its own token as the next', async () => {
    const token = tokenOf(await listUnder(undefined))
    const page = await listUnder('repeatedToken', { 'continuation-token': token })
    expect(tokenOf(page)).toBe(token)
    expect(page.body).toContain('<Key>k/2</Key>')
  })

  test('otherListing answers with keys of another prefix, and names that prefix', async () => {
    const { body: page } = await listUnder('otherListing', { prefix: 'k/' })
    expect(page).toContain('<Prefix>other/k/</Prefix>')
    expect(page).toContain('<Key>other/k/1</Key>')
    expect(page).not.toContain('<Key>k/')
  })

  test('expireSession expires the session permanently', async () => {
    const session = await assume(lab, bAudit, { RoleArn: labRoles.B })
    const keys = { ...admin, ...session }
    lab.setFaults({ rules: [{ fault: 'expireSession', probability: 1, times: 1 }] })
    await signedGet(lab, keys, `/${labBucket}/k/1`)
    expect(lab.revokeSessions(labRoles.B)).toBe(0)
  })

  test('latency delays the answer', async () => {
    lab.setFaults({ hook: () => ({ latencyMs: 80 }) })
    const startedAtMs = performance.now()
    expect(await signedGet(lab, admin, `/${labBucket}/k/1`)).toMatchObject({ status: 200 })
    expect(performance.now() - startedAtMs).toBeGreaterThan(75)
  })

  test('any error of the service can be chosen', async () => {
    lab.setFaults({
      hook: ({ key }) => (key === 'k/2' ? { status: 409, code: 'OperationAborted', message: 'no' } : undefined),
    })
    expect(await signedGet(lab, admin, `/${labBucket}/k/2`)).toMatchObject({ status: 409 })
    expect(await signedGet(lab, admin, `/${labBucket}/k/1`)).toMatchObject({ status: 200 })
  })

  test('an answer can be rewritten', async () => {
    let etag: string | undefined
    const rewrite = (reply: Reply): Reply => {
      etag = reply.headers['etag']
      return { ...reply, status: 203, body: Buffer.from('other') }
    }
    lab.setFaults({ hook: () => ({ rewrite }) })
    expect(await signedGet(lab, admin, `/${labBucket}/k/1`)).toMatchObject({ status: 203, body: 'other' })
    expect(etag).toBe(`"${lab.bucket().get('k/1')?.etag}"`)
  })

  test('STS is not affected unless it is named', async () => {
    lab.setFaults({ rules: [{ fault: 'internalError', probability: 1 }] })
    await assume(lab, bAudit, { RoleArn: labRoles.B })
    lab.setFaults({ rules: [{ fault: 'internalError', probability: 1, operations: ['AssumeRole'] }] })
    expect(await refusal(assume(lab, bAudit, { RoleArn: labRoles.B }))).toMatchObject({ status: 500 })
  })

  test('requests above the rate get SlowDown', async () => {
    lab.setFaults({ slowDownAbovePerSecond: 3 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => signedGet(lab, admin, `/${labBucket}/k/1`)))
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(0)
  })
})

describe('FaultPlan', () => {
  const get: SeenRequest = { operation: 'GetObject', bucket: 'b', key: 'k', query: new Map(), headers: {} }
  const plan = (rule: FaultRule, seed = 1) => new FaultPlan({ rules: [rule] }, seededRandom(seed), () => 0)

  test('the same seed fails the same requests', () => {
    const run = (seed: number) => {
      const seeded = plan({ fault: 'stall', probability: 0.3 }, seed)
      return Array.from({ length: 50 }, () => seeded.choose(get))
    }
    expect(run(7)).toEqual(run(7))
    expect(run(7)).not.toEqual(run(8))
  })

  test('a probability is roughly kept', () => {
    const seeded = plan({ fault: 'stall', probability: 0.05 })
    const hits = Array.from({ length: 10_000 }, () => seeded.choose(get)).filter((fault) => fault !== undefined)
    expect(hits.length).toBeGreaterThan(400)
    expect(hits.length).toBeLessThan(600)
  })

  test('a rule hits no more often than allowed', () => {
    const twice = plan({ fault: 'stall', probability: 1, times: 2 })
    expect([twice.choose(get), twice.choose(get), twice.choose(get)]).toEqual(['stall', 'stall', undefined])
  })

  test.each(faultNames)('%s does not affect STS by default', (fault) => {
    expect(plan({ fault, probability: 1 }).choose({ ...get, operation: 'AssumeRole' })).toBeUndefined()
  })

  test.each(['keyErrorInside200', 'unansweredKeys'] as const)('%s affects only DeleteObjects', (fault) => {
    const always = plan({ fault, probability: 1 })
    expect(always.choose(get)).toBeUndefined()
    expect(always.choose({ ...get, operation: 'DeleteObjects' })).toBe(fault)
  })
})
