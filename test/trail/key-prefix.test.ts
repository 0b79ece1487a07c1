import { expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { accountPrefix, kindPrefix, logsBase, normalizeLayout, regionPrefix } from '../../src/trail/key-prefix.ts'

const account = '012345678901' as AccountId

test.each([
  [{ prefix: '' }, 'AWSLogs/'],
  [{ prefix: '/' }, 'AWSLogs/'],
  [{ prefix: 'logs' }, 'logs/AWSLogs/'],
  [{ prefix: '/logs/' }, 'logs/AWSLogs/'],
  [{ prefix: 'a/b//' }, 'a/b/AWSLogs/'],
  [{ prefix: '', organization: 'o-exampleorgid' }, 'AWSLogs/o-exampleorgid/'],
  [{ prefix: 'o-exampleorgid', organization: 'o-exampleorgid' }, 'o-exampleorgid/AWSLogs/o-exampleorgid/'],
])('the keys of %j begin with %s', (layout, base) => {
  expect(logsBase(layout)).toBe(base)
})

test('normalizing a layout removes the slashes at the ends of its prefix', () => {
  const layout = { prefix: '//a/b/', organization: 'o-exampleorgid' }
  expect(normalizeLayout(layout)).toEqual({ prefix: 'a/b', organization: 'o-exampleorgid' })
})

test("an account's prefix ends with a slash", () => {
  expect(accountPrefix({ prefix: '' }, account)).toBe('AWSLogs/012345678901/')
})

test('the prefix of events does not match the folder of digests', () => {
  const digests = kindPrefix({ prefix: '' }, account, 'digest')
  expect(digests.startsWith(kindPrefix({ prefix: '' }, account, 'events'))).toBe(false)
})

test("a region's prefix has account, kind and region in this order", () => {
  expect(regionPrefix({ prefix: '' }, account, 'insight', 'eu-west-1')).toBe(
    'AWSLogs/012345678901/CloudTrail-Insight/eu-west-1/',
  )
})
