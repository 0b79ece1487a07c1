import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { formatKey } from '../../../src/trail/key.ts'
import { type RunningCommand, startCrosstrail } from '../../e2e/support/crosstrail.ts'
import { filesOf } from '../../e2e/support/tree.ts'
import { describeWithMoto, type MotoServer, startMoto } from './moto-server.ts'

const region = 'us-east-1'
/** The only account that moto has, unless a role of another one is assumed. */
const account = '123456789012' as AccountId
const bucket = 'example-cloudtrail-logs'
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any' }

describeWithMoto('a pull that listens to a queue of moto, behind a topic', () => {
  let moto: MotoServer
  let s3: S3Client
  let sqs: SQSClient
  let folder: string
  let queueUrl: string
  let logs = 0
  let running: RunningCommand | undefined

  beforeAll(async () => {
    moto = await startMoto()
    folder = mkdtempSync(join(tmpdir(), 'crosstrail-moto-'))
    const client = { endpoint: moto.endpoint, region, credentials }
    s3 = new S3Client({ ...client, forcePathStyle: true })
    sqs = new SQSClient(client)
    await s3.send(new CreateBucketCommand({ Bucket: bucket }))
    await deliver()
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'new-logs' }))
    queueUrl = QueueUrl
    const topic = await sns('CreateTopic', { Name: 'new-logs' }, 'TopicArn')
    const endpoint = `arn:aws:sqs:${region}:${account}:new-logs`
    await sns('Subscribe', { TopicArn: topic, Protocol: 'sqs', Endpoint: endpoint }, 'SubscriptionArn')
    const TopicConfigurations = [{ TopicArn: topic, Events: ['s3:ObjectCreated:*' as const] }]
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: { TopicConfigurations },
      }),
    )
  })
  afterAll(async () => {
    running?.child.kill('SIGKILL')
    await moto.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Calls SNS, for which the project has no client. Returns the text of one element of the answer. */
  async function sns(action: string, parameters: Readonly<Record<string, string>>, element: string): Promise<string> {
    // moto chooses the service by the scope of the signature, and does not check it.
    const scope = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20261201/${region}/sns/aws4_request`
    const answer = await fetch(moto.endpoint, {
      method: 'POST',
      headers: { authorization: `${scope}, SignedHeaders=host, Signature=any` },
      body: new URLSearchParams({ Action: action, Version: '2010-03-31', ...parameters }),
    })
    const text = await answer.text()
    const [, value] = new RegExp(`<${element}>(.*?)</${element}>`).exec(text) ?? []
    if (!answer.ok || value === undefined) throw new Error(`${action}: ${answer.status} ${text}`)
    return value
  }

  /** Puts a log. Returns its key. */
  async function deliver(): Promise<string> {
    const random = String(++logs).padStart(16, '0')
    const name = { logAccount: account, region, kind: 'events' as const }
    const key = formatKey({ ...name, deliveredAtMs: Date.now(), random }, { prefix: '' })
    const Body = gzipSync(JSON.stringify({ Records: [{ eventID: random }] }))
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))
    return key
  }

  function start(to: string, ...more: readonly string[]): RunningCommand {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    }
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      CROSSTRAIL_CONFIG: write('crosstrail.yaml', config),
      AWS_CONFIG_FILE: write('config', '[profile z-audit]\n'),
      AWS_SHARED_CREDENTIALS_FILE: write(
        'credentials',
        `[z-audit]\naws_access_key_id = ${credentials.accessKeyId}\naws_secret_access_key = any\n`,
      ),
      AWS_ENDPOINT_URL_S3: moto.endpoint,
      AWS_ENDPOINT_URL_STS: moto.endpoint,
    }
    const queue = ['--sqs', queueUrl, '--sqs-region', region]
    return startCrosstrail(['pull', 'Z', '--to', to, ...queue, ...more], env, { cwd: folder })
  }

  async function messages(): Promise<number> {
    const asked = { QueueUrl: queueUrl, AttributeNames: ['All' as const] }
    const { Attributes: { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } = {} } =
      await sqs.send(new GetQueueAttributesCommand(asked))
    return Number(visible) + Number(hidden)
  }

  it('takes what is there, and what is announced, and empties the queue', async () => {
    const to = join(folder, 'drained')
    const announced = [await deliver(), await deliver()]
    expect(await messages()).toBeGreaterThanOrEqual(announced.length)
    const { exitCode, stderr } = await start(to, '--drain').result
    expect(exitCode, stderr).toBe(0)
    expect(filesOf(to)).toHaveLength(logs)
    expect(filesOf(to)).toEqual(expect.arrayContaining(announced))
    expect(await messages()).toBe(0)
  })

  it('takes a log while it runs, without a listing', async () => {
    const to = join(folder, 'listening')
    running = start(to)
    const { child, result } = running
    let said = ''
    child.stderr?.on('data', (text: string) => (said += text))
    await expect.poll(() => said).toMatch(/^(?:pulled|swept) \d+ logs/m)
    const key = await deliver()
    await expect.poll(() => filesOf(to)).toContain(key)
    await expect.poll(messages).toBe(0)
    expect(readFileSync(join(to, '.crosstrail/coverage.json'), 'utf8')).toContain(String(logs).padStart(16, '0'))
    child.kill('SIGTERM')
    expect((await result).exitCode, said).toBe(143)
  })
})

const config = `trail:
  bucket: ${bucket}
  owner: "${account}"
  region: ${region}
accounts:
  Z:
    id: "${account}"
    role: arn:aws:iam::${account}:role/CloudTrailLogs-Z
    credentials: { profile: z-audit }
    reads: all
    allow: [list, download]
`
