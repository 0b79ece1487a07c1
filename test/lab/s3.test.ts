import {
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import { afterAll, describe, expect, test } from 'vitest'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { assume, refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const Bucket = labBucket
const own = 'AWSLogs/222222222222/'
lab.bucket().put(`${own}log`, 'own')
lab.bucket().put('AWSLogs/333333333333/log', 'foreign')
lab.addBucket({ name: 'ireland', owner: labAccounts.A, region: 'eu-west-1' })
const asB = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B }))
const asZ = s3As(lab, await assume(lab, lab.principals.zAudit, { RoleArn: labRoles.Z, ExternalId: labExternalId }))
const asAdmin = s3As(lab, lab.principals.admin)

describe('policies', () => {
  test('B reads only its own logs', async () => {
    await asB.send(new GetObjectCommand({ Bucket, Key: `${own}log` }))
    const answer = await refusal(asB.send(new GetObjectCommand({ Bucket, Key: 'AWSLogs/333333333333/log' })))
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
    expect(answer.message).toMatch(/because no identity-based policy allows the s3:GetObject action$/)
  })

  test('B lists only its own prefix', async () => {
    expect((await asB.send(new ListObjectsV2Command({ Bucket, Prefix: own }))).KeyCount).toBe(1)
    for (const Prefix of [undefined, 'AWSLogs/', 'AWSLogs/333333333333/']) {
      const list = new ListObjectsV2Command(Prefix === undefined ? { Bucket } : { Bucket, Prefix })
      expect(await refusal(asB.send(list))).toMatchObject({ code: 'AccessDenied' })
    }
  })

  test('Z lists everything, and the buckets of A', async () => {
    expect((await asZ.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(2)
    const { Buckets = [] } = await asZ.send(new ListBucketsCommand({}))
    expect(Buckets.map(({ Name }) => Name)).toEqual([labBucket, 'ireland'])
  })

  test('a session policy restricts the rights of the role', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' } })
    const input = { RoleArn: labRoles.Z, ExternalId: labExternalId, Policy }
    const narrow = s3As(lab, await assume(lab, lab.principals.zAudit, input))
    await narrow.send(new ListObjectsV2Command({ Bucket }))
    const answer = await refusal(narrow.send(new GetObjectCommand({ Bucket, Key: `${own}log` })))
    expect(answer.message).toMatch(/because no session policy allows the s3:GetObject action$/)
  })

  test('a session policy grants nothing that the role does not have', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })
    const wide = s3As(lab, await assume(lab, lab.principals.bAudit, { RoleArn: labRoles.B, Policy }))
    expect(await refusal(wide.send(new ListObjectsV2Command({ Bucket })))).toMatchObject({ code: 'AccessDenied' })
  })

  test('across accounts the policies of the bucket and of the caller must both allow', async () => {
    const statement = { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' } as const
    const guest = lab.iam.addUser({ account: labAccounts.B, name: 'guest', policies: [{ Statement: statement }] })
    const list = new ListObjectsV2Command({ Bucket: 'shared' })
    const shared = lab.addBucket({ name: 'shared', owner: labAccounts.A, region: 'us-east-1' })
    expect(await refusal(s3As(lab, guest).send(list))).toMatchObject({ message: 'Access Denied' })
    shared.policy = { Statement: { ...statement, Principal: { AWS: guest.arn } } }
    expect((await s3As(lab, guest).send(list)).KeyCount).toBe(0)
    lab.bucket('shared').requesterPays = true
    expect(await refusal(s3As(lab, guest).send(list))).toMatchObject({ status: 403, code: 'AccessDenied' })
    const paid = new ListObjectsV2Command({ Bucket: 'shared', RequestPayer: 'requester' })
    expect((await s3As(lab, guest).send(paid)).KeyCount).toBe(0)
  })
})

describe('the bucket', () => {
  test('refuses another expected owner', async () => {
    const list = (owner: string) => new ListObjectsV2Command({ Bucket, ExpectedBucketOwner: owner })
    await asZ.send(list('111111111111'))
    expect(await refusal(asZ.send(list('222222222222')))).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  test('reports a missing bucket', async () => {
    const list = new ListObjectsV2Command({ Bucket: 'nowhere' })
    expect(await refusal(asAdmin.send(list))).toMatchObject({ status: 404, code: 'NoSuchBucket' })
  })

  test('us-east-1 has an empty location, any other its name', async () => {
    expect((await asAdmin.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined()
    const inIreland = s3As(lab, lab.principals.admin, 'eu-west-1')
    const { LocationConstraint } = await inIreland.send(new GetBucketLocationCommand({ Bucket: 'ireland' }))
    expect(LocationConstraint).toBe('eu-west-1')
  })

  test.each([
    ['us-east-1', 400, 'AuthorizationHeaderMalformed'],
    ['ap-south-1', 301, 'PermanentRedirect'],
  ])('signed for %s instead of its region, answers %i with its region', async (region, status, code) => {
    const client = s3As(lab, lab.principals.admin, region)
    const list = client.send(new ListObjectsV2Command({ Bucket: 'ireland' }))
    expect(await refusal(list)).toMatchObject({ status, code })
    const head = client.send(new HeadBucketCommand({ Bucket: 'ireland' }))
    await expect(head).rejects.toMatchObject({
      $metadata: { httpStatusCode: status },
      $response: { headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    })
  })

  test('a denied HeadBucket names the region', async () => {
    await expect(asB.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $response: { statusCode: 403, headers: { 'x-amz-bucket-region': 'us-east-1' } },
    })
  })
})
