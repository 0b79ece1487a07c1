import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allRows } from '../../scripts/bench/all-rows.ts'
import { expectations, headline } from '../../scripts/bench/headline.ts'
import { pagesOf } from '../../scripts/bench/pages.ts'
import { readResults, type Result } from '../../scripts/bench/results.ts'

const about = { date: '2026-11-29', machine: '2 cores', versions: 'Node 20', rounds: 5 }
const one = (median: number) => ({ median, least: median, most: median })

function result(seconds: Readonly<Record<string, number>>): Result {
  const own = seconds['crosstrail'] ?? Number.NaN
  const bars = Object.entries(seconds).map(([name, wallSeconds]) => {
    return { name, wallSeconds, cpuSeconds: wallSeconds * 2, wallRatio: own / wallSeconds }
  })
  return { about, section: { head: [], cells: [], verdicts: [], bars, peaks: { crosstrail: one(204) } } }
}

describe('the pages', () => {
  const pages = [...pagesOf(allRows, readResults())].map(([path, text]) => [basename(path), path, text] as const)

  test.each(pages)('%s matches the saved results', (_, path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  test('have every saved result', () => {
    const names = Object.keys(readResults())
    expect(names.filter((name) => allRows.every((row) => row.name !== name))).toEqual([])
  })
})

describe('the headline', () => {
  test('has a row for each task and a column for each measured tool', () => {
    const text = headline({
      'https-list': result({ crosstrail: 0.25, rclone: 0.5, 'aws s3': 12 }),
      'https-download': result({ crosstrail: 3, 'crosstrail --threads 1': 4, rclone: 2 }),
      download: result({ crosstrail: 1, s5cmd: 1 }),
    })
    expect(text.split('\n')).toEqual([
      "|  | crosstrail | rclone | AWS CLI | crosstrail's wall to rclone's |",
      '| --- | --- | --- | --- | --- |',
      '| download 20,000 logs | 3.0 s (6.0) | 2.0 s (4.0) | – | 1.50 |',
      '| list 20,000 logs | 0.25 s (0.50) | 0.50 s (1.0) | 12 s (24) | 0.50 |',
      '',
      '<sub>2026-11-29, 5 rounds, 2 cores; Node 20.</sub>',
    ])
  })

  test('says so if no row was measured over HTTPS', () => {
    expect(headline({ download: result({ crosstrail: 1 }) })).toMatch(/^Not measured yet/)
  })
})

describe('what to expect', () => {
  test('marks unmeasured numbers as estimates', () => {
    const growth = [{ objects: 1_000_000, microsecondsPerObject: 46, peakMegabytes: 218 }]
    const text = expectations({
      'https-small': result({ crosstrail: 0.4 }),
      'https-download': result({ crosstrail: 3 }),
      'https-download-30ms': result({ crosstrail: 4 }),
      'https-list-many': result({ crosstrail: 1.5 }),
      'https-growth': { about, section: { head: [], cells: [], verdicts: [], growth } },
    })
    expect(text.split('\n').slice(2)).toEqual([
      '| 1,000 | – | 0.40 s | – | 204 MB |',
      '| 20,000 | – | 3.0 s | 4.0 s | 204 MB |',
      '| 1,000,000 | 1.5 s | ≈ 2.5 min | ≈ 3.3 min | 218 MB |',
      '| 1,000,000,000 | ≈ 25 min | ≈ 1.7 days | ≈ 2.3 days | the same |',
    ])
  })
})
