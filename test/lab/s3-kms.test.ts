import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { refusal, s3As } from './lab-clients.ts'

const lab = await startLab()
afterAll(() => lab.stop())
const { A, B } = labAccounts
const keyOfA = `arn:aws:kms:us-east-1:${A}:key/1234abcd`
const s3Rights = { Effect: 'Allow', Action: 's3:*', Resource: '*' } as const
const everyone = { ...s3Rights, Principal: '*' } as const
const from = lab.addBucket({ name: 'from', owner: A, region: 'us-east-1', policy: { Statement: everyone } })
lab.addBucket({ name: 'to', owner: A, region: 'us-east-1', policy: { Statement: everyone } })

test('a copy decrypts its source and encrypts with the key that it names', async () => {
  from.put('k', 'x', { kmsKeyArn: keyOfA })
  const user = lab.iam.addUser({ account: A, name: 'copier', policies: [{ Statement: s3Rights }] })
  const copy = () =>
    s3As(lab, user).send(
      new CopyObjectCommand({
        Bucket: 'to',
        Key: 'k',
        CopySource: 'from/k',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: '1234abcd',
      }),
    )
  for (const Action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    expect((await refusal(copy())).message).toContain(`perform: ${Action} on`)
    user.user.policies.push({ Statement: { Effect: 'Allow', Action, Resource: keyOfA } })
  }
  expect(await copy()).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyOfA })
})

test("another account's key needs the right on both sides", async () => {
  from.put('k', 'x', { kmsKeyArn: keyOfA })
  const decrypt = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' } as const
  const guest = lab.iam.addUser({ account: B, name: 'guest', policies: [{ Statement: [s3Rights, decrypt] }] })
  const get = () => s3As(lab, guest).send(new GetObjectCommand({ Bucket: 'from', Key: 'k' }))
  expect((await refusal(get())).message).toMatch(/no resource-based policy allows the kms:Decrypt action$/)
  lab.setKeyPolicy(keyOfA, { Statement: { ...decrypt, Principal: { AWS: guest.arn } } })
  expect(await (await get()).Body?.transformToString()).toBe('x')
})

test("AWS's own key works without a right in its account, and in no other", async () => {
  const put = { Bucket: 'from', Key: 'own', Body: 'x', ServerSideEncryption: 'aws:kms' } as const
  const [own, other] = [A, B].map((account) =>
    s3As(lab, lab.iam.addUser({ account, name: 'plain', policies: [{ Statement: s3Rights }] })),
  )
  await own?.send(new PutObjectCommand(put))
  await own?.send(new GetObjectCommand({ Bucket: 'from', Key: 'own' }))
  const get = other?.send(new GetObjectCommand({ Bucket: 'from', Key: 'own' }))
  expect(await refusal(Promise.resolve(get))).toMatchObject({ status: 403, code: 'AccessDenied' })
})
