import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FeedMessage } from '../../../../src/queue/feed-message.ts'
import type { LeaveReason } from '../../../../src/queue/left-messages.ts'
import { MessageBook } from '../../../../src/verbs/pull/queue/message-book.ts'

/** A message that remembers how it ended: `done`, or the reason for which it was left. */
function message(): FeedMessage & { readonly ends: string[] } {
  const ends: string[] = []
  return {
    objects: [],
    sentAtMs: undefined,
    ends,
    done: () => void ends.push('done'),
    leave: (reason) => void ends.push(reason),
  }
}

const keys = ['a', 'b', 'c', 'd', 'e'] as const
const key = fc.constantFrom(...keys)
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('add' as const),
        keys: fc.array(key, { maxLength: 4 }),
        foreign: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('arrived' as const), key }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('left' as const),
        key,
        reason: fc.constantFrom<LeaveReason>('absent', 'failed'),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ type: 'refused' as const }) },
    { weight: 2, arbitrary: fc.constant({ type: 'commit' as const }) },
    { weight: 1, arbitrary: fc.constant({ type: 'commit-fails' as const }) },
  ),
  { maxLength: 40 },
)

interface Modeled {
  readonly message: ReturnType<typeof message>
  readonly open: Set<string>
  reason: string | undefined
}

/** The same, written as simply as possible: each message on its own. */
class Model {
  readonly all: Modeled[] = []

  isInWork(one: string): boolean {
    return this.all.some(({ open }) => open.has(one))
  }

  settle(one: string, reason?: string): void {
    for (const entry of this.all) {
      if (!entry.open.delete(one)) continue
      entry.reason ??= reason
    }
  }
}

test('a message is done only if all of its keys are covered, and each key is taken once at a time', () => {
  fc.assert(
    fc.property(steps, (given) => {
      const book = new MessageBook()
      const model = new Model()
      let arrived = new Set<string>()
      for (const step of given) {
        switch (step.type) {
          case 'add': {
            const entry: Modeled = {
              message: message(),
              open: new Set(step.keys),
              reason: step.foreign ? 'foreign' : undefined,
            }
            const fresh = [...entry.open].filter((one) => !model.isInWork(one))
            model.all.push(entry)
            expect(book.add(entry.message, step.keys, step.foreign ? 'foreign' : undefined)).toEqual(fresh)
            break
          }
          case 'arrived':
            if (model.isInWork(step.key)) arrived.add(step.key)
            book.arrived(step.key)
            break
          case 'left':
            // A key has one result.
            if (arrived.has(step.key)) break
            model.settle(step.key, step.reason)
            book.left(step.key, step.reason)
            break
          case 'refused':
            if (arrived.has('e')) break
            model.settle('e')
            book.covered(['e'])
            break
          case 'commit': {
            const taken = book.takeArrived()
            expect(new Set(taken)).toEqual(arrived)
            for (const one of arrived) model.settle(one)
            arrived = new Set()
            book.covered(taken)
            break
          }
          case 'commit-fails':
            // Nothing is committed any more, and the run ends.
            expect(new Set(book.takeArrived())).toEqual(arrived)
            book.giveBack('failed')
            for (const entry of model.all) {
              if (entry.open.size > 0) entry.reason = 'failed'
              entry.open.clear()
            }
            arrived = new Set()
        }
        for (const entry of model.all) {
          const end = entry.open.size > 0 ? [] : [entry.reason ?? 'done']
          expect(entry.message.ends).toEqual(end)
        }
        expect(book.size).toBe(model.all.filter(({ open }) => open.size > 0).length)
      }
      book.giveBack('interrupted')
      for (const entry of model.all) {
        expect(entry.message.ends).toEqual([entry.open.size > 0 ? 'interrupted' : (entry.reason ?? 'done')])
      }
      expect(book.size).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('a message without keys ends at once', () => {
  const book = new MessageBook()
  const [own, foreign] = [message(), message()]
  expect([book.add(own, []), book.add(foreign, [], 'foreign')]).toEqual([[], []])
  expect([own.ends, foreign.ends]).toEqual([['done'], ['foreign']])
})

test('a message that comes while its log waits for a commit is done with that commit', () => {
  const book = new MessageBook()
  const [first, second] = [message(), message()]
  book.add(first, ['a'])
  book.arrived('a')
  const committing = book.takeArrived()
  expect(book.add(second, ['a'])).toEqual([])
  expect(first.ends).toEqual([])
  book.covered(committing)
  expect([first.ends, second.ends]).toEqual([['done'], ['done']])
})

test('a key that was left is taken again for a later message', () => {
  const book = new MessageBook()
  book.add(message(), ['a'])
  book.left('a', 'absent')
  expect(book.add(message(), ['a'])).toEqual(['a'])
})

test('a log that arrives after its messages were given back deletes nothing', () => {
  const book = new MessageBook()
  const late = message()
  book.add(late, ['a', 'b'])
  book.arrived('a')
  book.giveBack('interrupted')
  book.arrived('b')
  expect(book.takeArrived()).toEqual([])
  book.covered(['a', 'b'])
  expect(late.ends).toEqual(['interrupted'])
})
