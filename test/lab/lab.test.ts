import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { afterEach, expect, test } from 'vitest'
import { labBucket, labRoles } from '../../src/lab/fixture.ts'
import { startLab, type Lab } from '../../src/lab/lab.ts'
import { assume, s3As } from './lab-clients.ts'

const labs: Lab[] = []
afterEach(async () => {
  await Promise.all(labs.splice(0).map((lab) => lab.stop()))
})

async function start(...options: Parameters<typeof startLab>): Promise<Lab> {
  const lab = await startLab(...options)
  labs.push(lab)
  return lab
}

test('both endpoints are on loopback', async () => {
  const { endpoint, imdsEndpoint } = await start()
  expect([endpoint, imdsEndpoint].every((url) => /^http:\/\/127\.0\.0\.1:\d+$/.test(url))).toBe(true)
})

test('reports a port that is taken', async () => {
  const { endpoint } = await start()
  await expect(startLab({ port: Number(new URL(endpoint).port) })).rejects.toMatchObject({ code: 'lab.port-taken' })
})

test('leaves nothing listening if the metadata port is taken', async () => {
  const portOf = (url: string) => Number(new URL(url).port)
  const taken = portOf((await start()).endpoint)
  const gone = await startLab()
  const port = portOf(gone.endpoint)
  await gone.stop()
  await expect(startLab({ port, imdsPort: taken })).rejects.toMatchObject({ code: 'lab.port-taken' })
  expect((await start({ port })).endpoint).toBe(`http://127.0.0.1:${port}`)
})

test('fills its bucket if a sample is requested', async () => {
  const lab = await start({ sample: { objects: 20 }, layout: { prefix: '/audit/' } })
  expect(lab.sample?.logs).toBe(20)
  expect(
    lab
      .bucket()
      .keys()
      .every((key) => key.startsWith('audit/AWSLogs/')),
  ).toBe(true)
})

test('the long-lived keys are the same in every lab', async () => {
  expect((await start()).principals).toEqual((await start()).principals)
})

test('records each request and its caller', async () => {
  const lab = await start({ logSize: 2 })
  const session = await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B })
  for (let time = 0; time < 5; time += 1)
    await s3As(lab, session)
      .send(new ListBucketsCommand({}))
      .catch(() => undefined)
  expect(lab.requests.counts()).toEqual({ AssumeRole: 1, ListBuckets: 5 })
  expect(lab.requests.recent()).toMatchObject([
    {
      operation: 'ListBuckets',
      principal: 'arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-B/test',
      status: 403,
    },
    { operation: 'ListBuckets' },
  ])
  lab.requests.clear()
  expect(lab.requests.count()).toBe(0)
})

test('reports a bucket that was not added', async () => {
  const lab = await start()
  expect(lab.bucket(labBucket).name).toBe(labBucket)
  expect(() => lab.bucket('other')).toThrow(expect.objectContaining({ code: 'lab.no-such-bucket' }))
})

test('refuses a path that is not percent-encoded UTF-8', async () => {
  const lab = await start()
  const answer = await fetch(`${lab.endpoint}/${labBucket}/%FF`)
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('<Code>InvalidURI</Code>')])
})

test('stops in the middle of answers', async () => {
  const lab = await startLab({ latencyMs: 10_000 })
  const pending = fetch(`${lab.endpoint}/${labBucket}/x`).catch(() => 'cut')
  await new Promise((resolve) => setTimeout(resolve, 50))
  await lab.stop()
  expect(await pending).toBe('cut')
})
