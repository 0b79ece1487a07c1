import { afterEach, expect, test, vi } from 'vitest'
import { queueAddress } from '../../src/queue/address.ts'
import { openQueue } from '../../src/queue/sqs.ts'
import { fixedKeys, queueWorld } from './queue-world.ts'

afterEach(() => vi.unstubAllEnvs())

const url = 'https://sqs.us-east-1.amazonaws.com/111111111111/new-logs'
const receive = { max: 1, visibilitySeconds: 1, waitSeconds: 0 }

test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_SQS'])('%s is where calls are sent', async (variable) => {
  const { lab, queue } = await queueWorld()
  queue.send('a')
  vi.stubEnv(variable, lab.endpoint)
  const client = openQueue(queueAddress(url), fixedKeys(lab.principals.admin), { caller: 'account Z', env: {} })
  expect(await client.receive(receive, new AbortController().signal)).toMatchObject([{ body: 'a' }])
  client.close()
})

test('a URL of this machine is where calls are sent, whatever the variables say', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')
  const { queue, client } = await queueWorld()
  queue.send('a')
  expect(await client.receive(receive, new AbortController().signal)).toMatchObject([{ body: 'a' }])
})

test('an endpoint of its own cannot be combined with FIPS', async () => {
  vi.stubEnv('AWS_USE_FIPS_ENDPOINT', 'true')
  const { client } = await queueWorld()
  await expect(client.attributes()).rejects.toMatchObject({
    code: 'config.endpoint',
    hint: expect.stringContaining('AWS_USE_FIPS_ENDPOINT'),
  })
})

test('a call goes through the proxy of the environment', async () => {
  const { lab, queue, open } = await queueWorld()
  const client = open(undefined, {
    env: { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' },
    maxAttempts: 1,
  })
  queue.send('a')
  await expect(client.receive(receive, new AbortController().signal)).rejects.toMatchObject({
    code: 'queue.unreachable',
    message: expect.stringContaining('the proxy http://127.0.0.1:9'),
  })
  expect(lab.requests.count()).toBe(0)
})
