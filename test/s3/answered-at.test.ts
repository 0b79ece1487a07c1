import { expect, test } from 'vitest'
import { answeredAt } from '../../src/s3/answered-at.ts'

const nowMs = Date.UTC(2026, 10, 29, 12)
const answeredOn = (date: string | undefined) => answeredAt({ date }, nowMs)

test('uses the date of the answer, whatever the local clock says', () => {
  expect(answeredOn('Sun, 29 Nov 2026 11:59:58 GMT')).toBe(nowMs - 2000)
  expect(answeredOn('Tue, 01 Jan 2019 00:00:00 GMT')).toBe(Date.UTC(2019, 0, 1))
  expect(answeredOn('Sat, 01 Jan 2028 00:00:00 GMT')).toBe(Date.UTC(2028, 0, 1))
})

test.each([undefined, '', 'yesterday', 'Thu, 01 Jan 1970 00:00:00 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
  'uses the local clock for an answer dated %j',
  (date) => {
    expect(answeredOn(date)).toBe(nowMs)
  },
)
