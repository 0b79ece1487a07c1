import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { labWorld } from '../../../test/e2e/support/lab-world.ts'
import { measure } from '../measure.ts'
import type { Row } from '../section.ts'
import { crosstrail } from '../tools.ts'

const limits = [200, 500]

/** A server that refuses calls above a rate. */
export const pacingRow: Row = {
  name: 'pacing',
  title: 'Pacing',
  isOwnOnly: true,
  notes: [
    '`crosstrail download Z --to <folder>` from the lab, which answers `503 SlowDown` to what comes above a rate; the rate reached counts from the first call to the last',
  ],
  run: async ({ memory, divisor }) => {
    const found = []
    for (const limit of limits) {
      const objects = (limit * 40) / Math.min(divisor, 8)
      const sample = { objects, foreign: false }
      let refused = 0
      let firstMs: number | undefined
      let lastMs = 0
      const lab = await labWorld({ sample })
      const folder = join(memory, 'pacing')
      mkdirSync(folder)
      try {
        let second = 0
        let calls = 0
        lab.lab.setFaults({
          hook: ({ operation }) => {
            if (!operation.startsWith('Get') && !operation.startsWith('List')) return undefined
            const nowMs = performance.now()
            firstMs ??= nowMs
            lastMs = nowMs
            if (Math.floor(nowMs / 1000) !== second) calls = 0
            second = Math.floor(nowMs / 1000)
            calls += 1
            if (calls <= limit) return undefined
            refused += 1
            return 'slowDown'
          },
        })
        await measure(crosstrail(lab.env, ['download', 'Z', '--to', '{}', '--quiet']).command(folder), lab.env)
        const counts = lab.lab.requests.counts()
        const asked = (counts['GetObject'] ?? 0) + (counts['ListObjectsV2'] ?? 0)
        const rate = ((asked - refused) / (lastMs - (firstMs ?? 0))) * 1000
        found.push({ limit, objects, rate, refusedShare: refused / asked })
      } finally {
        rmSync(folder, { recursive: true, force: true })
        await lab.stop()
      }
    }
    return {
      head: ['calls a second allowed', 'objects', 'reached', 'of it', 'refused'],
      cells: found.map(({ limit, objects, rate, refusedShare }) => [
        `${limit}`,
        objects.toLocaleString('en'),
        rate.toFixed(0),
        percent(rate / limit),
        percent(refusedShare),
      ]),
      verdicts: found.map(({ limit, rate, refusedShare }) => ({
        what: `at ${limit} a second: above 85 % of it, with under 5 % refused`,
        got: `${percent(rate / limit)}, ${percent(refusedShare)} refused`,
        reached: rate >= limit * 0.85 && refusedShare < 0.05,
      })),
    }
  },
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
