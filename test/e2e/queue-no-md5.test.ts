import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { Reply } from '../../src/lab/reply.ts'
import { startLab } from '../../src/lab/lab.ts'

const root = resolve(import.meta.dirname, '../..')

const script = `
  import { queueAddress } from './dist/queue/address.js'
  import { openQueue } from './dist/queue/sqs.js'
  const [url, accessKeyId, secretAccessKey] = process.argv.slice(1)
  const keys = { current: () => ({ accessKeyId, secretAccessKey }), renew: () => Promise.reject(new Error('not expired')) }
  const queue = openQueue(queueAddress(url, 'us-east-1'), keys, { caller: 'account Z', env: {} })
  const messages = await queue.receive({ max: 10, visibilitySeconds: 30, waitSeconds: 0 }, new AbortController().signal)
  const failures = await queue.delete(messages.map(({ receipt }) => receipt))
  process.stdout.write(JSON.stringify({ bodies: messages.map(({ body }) => body), failures: [...failures.values()].map(({ code }) => code) }))
  queue.close()
`

test('on a Node without MD5, messages are received and deleted, and their MD5 is not checked', async () => {
  const lab = await startLab()
  onTestFinished(() => lab.stop())
  const queue = lab.queues.create('new-logs')
  queue.send('a')
  const rewrite = (reply: Reply) => ({
    ...reply,
    body: Buffer.from(reply.body.toString().replace(/"MD5OfBody":"\w+"/, '"MD5OfBody":"other"')),
  })
  lab.setFaults({ rules: [{ fault: { rewrite }, probability: 1, operations: ['ReceiveMessage'] }] })
  const { accessKeyId, secretAccessKey } = lab.principals.admin
  const args = ['--input-type=module', '--eval', script, queue.url, accessKeyId, secretAccessKey]
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require ${resolve(import.meta.dirname, 'support/no-md5.cjs')}`,
  }
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env })
  expect(JSON.parse(stdout)).toEqual({ bodies: ['a'], failures: [] })
  expect(queue.bodies).toEqual([])
})
