import { expect, test } from 'vitest'
import { queueWorld } from './queue-world.ts'

const never = new AbortController().signal
const once = { max: 10, visibilitySeconds: 60, waitSeconds: 0 }

test('receives, extends and deletes messages', async () => {
  const { queue, client } = await queueWorld()
  const id = queue.send('{"hello":1}')
  const [message] = await client.receive(once, never)
  expect(message).toMatchObject({ id, body: '{"hello":1}', receives: 1 })
  expect(await client.receive(once, never)).toEqual([])
  expect(await client.extend([message?.receipt ?? ''], 0)).toEqual(new Map())
  const [again] = await client.receive(once, never)
  expect(again).toMatchObject({ id, receives: 2 })
  expect(await client.delete([again?.receipt ?? ''])).toEqual(new Map())
  expect(queue.bodies).toEqual([])
})
