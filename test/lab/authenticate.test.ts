import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labBucket, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, refusal, s3As } from './lab-clients.ts'
import { signedGet } from './signed-get.ts'

let skewMs = 0
const lab = await startLab({ now: () => Date.now() + skewMs })
afterAll(() => lab.stop())
lab.bucket().put('AWSLogs/222222222222/log', 'hello')
const { admin, bAudit } = lab.principals
const get = new GetObjectCommand({ Bucket: labBucket, Key: 'AWSLogs/222222222222/log' })

test.each(["a b+c%2F&=é'()*!~", 'double//slash', './..', '\u{1F600}', '@:$,;?#[]'])(
  'a request for the key %j is authenticated and reads the key back',
  async (name) => {
    const Key = `keys/${name}`
    await s3As(lab, admin).send(new PutObjectCommand({ Bucket: labBucket, Key, Body: name }))
    expect(lab.bucket().get(Key)?.body.toString()).toBe(name)
    const answer = await s3As(lab, admin).send(new GetObjectCommand({ Bucket: labBucket, Key }))
    expect(await answer.Body?.transformToString()).toBe(name)
  },
)

test('an unknown key, a wrong secret and a wrong token have different codes', async () => {
  const session = await assume(lab, bAudit, { RoleArn: labRoles.B })
  const wrong = [
    { ...admin, accessKeyId: 'AKIANOBODY' },
    { ...admin, secretAccessKey: 'wrong' },
    { ...session, sessionToken: 'wrong' },
    { accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey },
  ]
  const codes = await Promise.all(wrong.map(async (keys) => (await refusal(s3As(lab, keys).send(get))).code))
  expect(codes).toEqual(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'InvalidAccessKeyId'])
})

test('a revoked session has expired', async () => {
  const session = await assume(lab, bAudit, { RoleArn: labRoles.B })
  await s3As(lab, session).send(get)
  expect(lab.revokeSessions(labRoles.B)).toBeGreaterThan(0)
  expect(await refusal(s3As(lab, session).send(get))).toEqual({
    status: 400,
    code: 'ExpiredToken',
    message: 'The provided token has expired.',
  })
})

test('refuses a request with a wrong clock', async () => {
  skewMs = 16 * 60_000
  const answer = await refusal(s3As(lab, admin).send(get))
  skewMs = 0
  expect(answer).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' })
})

test('refuses a request without a signature', async () => {
  const answer = await fetch(`${lab.endpoint}/${labBucket}/AWSLogs/222222222222/log`)
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')])
})

test.each([
  ['a header that is not signed', { 'x-amz-request-payer': 'requester' }, 'AccessDenied'],
  ['a wrong body hash', { 'x-amz-content-sha256': '0'.repeat(64) }, 'SignatureDoesNotMatch'],
])('%s is refused', async (_, extra, code) => {
  const client = s3As(lab, admin)
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> }
      request.headers = { ...request.headers, ...extra }
      return next(args)
    },
    { step: 'deserialize' },
  )
  expect(await refusal(client.send(get))).toMatchObject({ status: 403, code })
})

test.each([
  ['0'.repeat(64), 400, 'XAmzContentSHA256Mismatch'],
  ['UNSIGNED-PAYLOAD', 200, 'hello'],
])('answers a signed body hash of %s with %i', async (hash, status, text) => {
  const headers = { 'x-amz-content-sha256': hash }
  const answer = await signedGet(lab, admin, `/${labBucket}/AWSLogs/222222222222/log`, {}, { headers })
  expect(answer).toMatchObject({ status, body: expect.stringContaining(text) })
})

test('HEAD refuses without a body', async () => {
  const head = new HeadObjectCommand({ Bucket: labBucket, Key: 'x' })
  expect(await refusal(s3As(lab, { ...admin, secretAccessKey: 'wrong' }).send(head))).toMatchObject({ status: 403 })
})
