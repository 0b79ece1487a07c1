import { expect, test } from 'vitest'
import type { ListRequest } from '../../../src/s3/bucket.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { formatInstant } from '../../../src/trail/time.ts'
import { survey } from '../../../src/verbs/doctor/survey.ts'

const logAccount = '222222222222' as AccountId
const dayMs = 86_400_000
const minuteMs = 60_000
const dayAtMs = Date.UTC(2026, 4, 7)

function keyOf(atMs: number, count: number): string {
  const stamp = new Date(atMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 13)
  const name = `${logAccount}_CloudTrail_us-east-1_${stamp}Z_${String(count).padStart(16, 'A')}.json.gz`
  return `AWSLogs/${logAccount}/CloudTrail/us-east-1/2026/05/07/${name}`
}

function wireOf(keys: readonly string[]) {
  const sorted = keys.toSorted()
  let calls = 0
  const listPage = ({ prefix, delimiter, startAfter = '', token = '' }: ListRequest) => {
    calls++
    const found = sorted.filter((key) => key.startsWith(prefix) && key > startAfter && key > token)
    const folders = found.map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1))
    const objects = found.slice(0, 1_000).map((key) => {
      return { key, sizeBytes: 1, etag: '', lastModifiedMs: dayAtMs, storageClass: 'STANDARD', restored: false }
    })
    return Promise.resolve({
      objects: delimiter === undefined ? objects : [],
      commonPrefixes: delimiter === undefined ? [] : [...new Set(folders)],
      ...(delimiter === undefined && found.length > 1_000 && { nextToken: objects.at(-1)?.key ?? '' }),
    })
  }
  return { wire: { listPage } as unknown as Parameters<typeof survey>[0], calls: () => calls }
}

test.each([5, 200, 1_000, 1_380, 1_439])(
  'finds the newest log of a day with thousands of logs, if it came at minute %i',
  async (lastMinute) => {
    const morning = Array.from({ length: 4_000 }, (_, at) => keyOf(dayAtMs + (at % 5) * minuteMs, at))
    const lastMs = dayAtMs + lastMinute * minuteMs
    const { wire, calls } = wireOf([...morning, keyOf(lastMs, 9_999)])
    const { signal } = new AbortController()
    const of = { layout: { prefix: '' }, logAccounts: [logAccount], nowMs: dayAtMs + 2 * dayMs, signal }
    const { newest } = await survey(wire, of)
    expect(formatInstant(newest.at(-1)?.deliveredAtMs ?? 0)).toBe(formatInstant(lastMs))
    expect(calls()).toBeLessThanOrEqual(20)
  },
)
