import { expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import type { DeleteAnswer } from '../../../src/s3/delete-answers.ts'
import { DeletionCount } from '../../../src/verbs/delete/deletion-count.ts'

const words = { made: 'deletions were made', none: 'nothing was deleted' }
const item = { key: 'k' }
const deleted: DeleteAnswer = { status: 'deleted', item }
const failed = (code: 'object.changed' | 'network.broken'): DeleteAnswer => ({
  status: 'failed',
  item,
  error: new CrosstrailError(code, 'failed'),
})
const full = new CrosstrailError('disk.full', 'no space left', { hint: 'free some' })

const quiet = { listener: () => undefined, signal: new AbortController().signal }

test.each<readonly [string, number, readonly DeleteAnswer[], string]>([
  ['was sent', 0, [], 'nothing was deleted'],
  ['that was sent was refused', 1, [failed('object.changed')], 'nothing was deleted'],
  ['was answered', 2, [], '0 deletions were made before that, and 2 more are unconfirmed'],
  ['failed on the way', 1, [failed('network.broken')], '0 deletions were made before that, and 1 more are unconfirmed'],
  ['is open', 2, [deleted, deleted], '2 deletions were made before that'],
])('a run that stops when all or nothing %s says so', (_when, sent, answers, says) => {
  const count = new DeletionCount(words, 'j.ndjson')
  count.send(sent)
  for (const answer of answers) count.settle(answer)
  const error = count.explain(full, quiet)
  expect(error).toMatchObject({ code: 'disk.full', message: `no space left; ${says}` })
  expect(error?.hint).toBe(says === words.none ? 'free some' : 'the journal j.ndjson lists them; free some')
})

test('a bug is thrown as it is, after a note about the deletions made before', () => {
  const count = new DeletionCount(words, 'j.ndjson')
  count.send(3)
  count.settle(deleted)
  const told: unknown[] = []
  const bug = new TypeError('a bug')
  expect(() => count.explain(bug, { ...quiet, listener: (event) => told.push(event) })).toThrow(bug)
  expect(told).toEqual([
    expect.objectContaining({
      message: '1 deletions were made before that, and 2 more are unconfirmed; the journal j.ndjson lists them',
    }),
  ])
})

test('a stop by the caller is not an error', () => {
  const count = new DeletionCount(words, 'j.ndjson')
  const stopped = new CrosstrailError('interrupted', 'stopped')
  expect(count.explain(stopped, { ...quiet, signal: AbortSignal.abort() })).toBeUndefined()
})
