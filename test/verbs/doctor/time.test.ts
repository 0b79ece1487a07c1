import { afterAll, beforeAll, expect, test } from 'vitest'
import { labBucket } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryB, entryC, entryZ } from './doctor-world.ts'

let world: DoctorWorld
beforeAll(async () => {
  world = await doctorWorld({ latencyMs: 100, logSize: 5_000 })
})
afterAll(() => world.stop())

const entries = [entryB, entryC, { ...entryZ, allow: ['list', 'download', 'copy', 'delete'] }]
const args = `--to s3://${labBucket}/copies`

/** Returns the positions of each session's first and last call among all calls. */
function spans(): readonly { readonly first: number; readonly last: number; readonly calls: number }[] {
  const places = new Map<string, number[]>()
  for (const [place, { principal = '' }] of world.lab.requests.recent().entries()) {
    if (principal.includes(':assumed-role/CloudTrailLogs-')) {
      places.set(principal, [...(places.get(principal) ?? []), place])
    }
  }
  return [...places.values()].map((of) => ({ first: of[0] ?? 0, last: of.at(-1) ?? 0, calls: of.length }))
}

test('checks ten accounts at the same time, with at most 50 calls each', async () => {
  const accounts = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`N${at}`, entries[at % 3] ?? entryB]))
  world.lab.requests.clear()
  const { code, of } = await world.examine(accounts, { args })
  expect({ code, read: of('N9').read?.status }).toEqual({ code: 0, read: 'ok' })
  const seen = spans()
  expect(seen).toHaveLength(10)
  expect(Math.max(...seen.map(({ first }) => first))).toBeLessThan(Math.min(...seen.map(({ last }) => last)))
  expect(Math.max(...seen.map(({ calls }) => calls))).toBeLessThanOrEqual(50)
})
