import { expect, test } from 'vitest'
import { Inbox } from '../../../../src/verbs/pull/queue/inbox.ts'

test('hands items out in their order, to readers that wait and to later ones', async () => {
  const inbox = new Inbox<string>()
  const [one, two] = [inbox.next(), inbox.next()]
  for (const item of ['a', 'b', 'c', 'd']) inbox.push(item)
  expect(await Promise.all([one, two, inbox.next(), inbox.next()])).toEqual(['a', 'b', 'c', 'd'])
})

test('hands out what waits after its end, and then nothing', async () => {
  const inbox = new Inbox<string>()
  inbox.push('a')
  inbox.end()
  expect([await inbox.next(), await inbox.next(), await inbox.next()]).toEqual(['a', undefined, undefined])
})

test('tells readers that wait when it ends', async () => {
  const inbox = new Inbox<string>()
  const waiting = [inbox.next(), inbox.next()]
  inbox.end()
  expect(await Promise.all(waiting)).toEqual([undefined, undefined])
})

test('returns what waited when it is dropped, and hands out nothing more', async () => {
  const inbox = new Inbox<string>()
  for (const item of ['a', 'b']) inbox.push(item)
  expect(inbox.drop()).toEqual(['a', 'b'])
  inbox.push('c')
  expect(await inbox.next()).toBeUndefined()
  expect(inbox.drop()).toEqual([])
})
