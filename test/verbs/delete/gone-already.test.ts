import { expect, test } from 'vitest'
import { CrosstrailError, type ErrorCode } from '../../../src/error.ts'
import type { DeleteAnswer } from '../../../src/s3/delete-answers.ts'
import { compareKeys } from '../../../src/trail/key-order.ts'
import { withGoneAlready } from '../../../src/verbs/delete/gone-already.ts'
import type { Listing } from '../../../src/work/plan.ts'
import { log } from './plan-world.ts'

function listing(keys: readonly string[], pageSize = 3): Listing & { calls: number } {
  return {
    calls: 0,
    listPage({ prefix, startAfter = '' }) {
      this.calls++
      const behind = keys.filter((key) => key.startsWith(prefix) && compareKeys(key, startAfter) > 0)
      const objects = behind.slice(0, pageSize).map((key) => log(0, { key }))
      return Promise.resolve({
        objects,
        commonPrefixes: [],
        nextToken: behind.length > pageSize ? 'more' : undefined,
        answeredAtMs: 0,
      })
    },
  }
}

const refused = (serial: number, code: ErrorCode = 'access.delete-denied', versionId?: string): DeleteAnswer => ({
  status: 'failed',
  item: { key: log(serial).key, ...(versionId !== undefined && { versionId }) },
  error: new CrosstrailError(code, 'no'),
})
const statuses = (answers: readonly DeleteAnswer[]) => answers.map(({ status }) => status)

test('a refusal of an object that no longer exists becomes a deletion; other refusals stay', async () => {
  const serials = Array.from({ length: 20 }, (_, at) => at)
  const there = serials.filter((at) => at % 3 === 0).map((at) => log(at).key)
  const answers = await withGoneAlready(
    serials.map((at) => refused(at)),
    listing(there),
  )
  expect(statuses(answers)).toEqual(serials.map((at) => (at % 3 === 0 ? 'failed' : 'deleted')))
})

test('other failures, and refusals of versions, stay as they are, without a call', async () => {
  const empty = listing([])
  const answers = await withGoneAlready([refused(1, 'object.changed'), refused(2, 'access.delete-denied', 'v')], empty)
  expect(statuses(answers)).toEqual(['failed', 'failed'])
  expect(empty.calls).toBe(0)
})

test('refusals stay if the folder cannot be listed', async () => {
  const closed: Listing = { listPage: () => Promise.reject(new CrosstrailError('access.list-denied', 'no')) }
  expect(statuses(await withGoneAlready([refused(1)], closed))).toEqual(['failed'])
})
