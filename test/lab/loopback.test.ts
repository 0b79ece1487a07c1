import { once } from 'node:events'
import { expect, test } from 'vitest'
import { listenOnLoopback } from '../../src/lab/loopback.ts'

test('answers a bug with 500 and a warning', async () => {
  const server = await listenOnLoopback(0, () => Promise.reject(new Error('a bug for the test')))
  const warned = once(process, 'warning')
  const answer = await fetch(server.endpoint)
  expect(answer.status).toBe(500)
  expect(await warned).toMatchObject([{ message: 'a bug for the test' }])
  await server.stop()
})
