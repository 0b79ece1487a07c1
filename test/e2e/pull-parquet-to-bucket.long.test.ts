import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyFault } from '../../src/lab/faults.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { bucketRows } from './support/bucket-dataset.ts'
import { archiveName, type CopyWorld, copyWorld } from './support/copy-world.ts'
import { GrowingArchive } from './support/growing-archive.ts'
import { leftovers } from './support/tree.ts'

const startMs = Date.UTC(2026, 10, 1)

let world: CopyWorld
let archive: GrowingArchive

beforeAll(async () => {
  world = await copyWorld()
  archive = new GrowingArchive(world.lab.bucket(), seededRandom(21), startMs)
  archive.deliver(40)
})
afterAll(() => world.stop())

function pullTo(prefix: string, state: string): string[] {
  const since = new Date(startMs - 86_400_000).toISOString()
  const to = ['--to', `s3://${archiveName}/${prefix}`, '--state', state, '--format', 'parquet']
  return ['pull', 'Z', ...to, '--since', since, '--concurrency', '4']
}

const idsIn = async (prefix: string) =>
  (await bucketRows(world.archive, prefix)).map(({ eventID }) => String(eventID)).toSorted()

test.each([
  ['the request does not arrive', { status: 500, code: 'InternalError', message: 'killed' }],
  ['the bucket carries it out', { latencyMs: 100 }],
] as const)(
  'a pull may be killed at each request to the bucket: %s, and each event is there once',
  async (_, fault) => {
    const prefix = `killed-${Object.keys(fault).join('-')}/`
    const pull = pullTo(prefix, world.newPath())
    let kills = 0
    // Each pull gets at least one request further than the one before, and there is nothing new.
    for (let signal: string | null = 'SIGKILL'; signal === 'SIGKILL'; kills++) {
      expect(kills).toBeLessThan(40)
      const { child, result } = world.start(pull)
      let requests = 0
      world.lab.setFaults({
        hook({ bucket }) {
          if (bucket !== archiveName || requests++ !== kills) return undefined
          child.kill('SIGKILL')
          return fault
        },
      })
      const ended = await result
      ;({ signal } = ended)
      if (signal === null) expect(ended).toMatchObject({ exitCode: 0 })
    }
    expect(kills).toBeGreaterThan(5)
    expect(await idsIn(prefix)).toEqual([...archive.eventIds].toSorted())
  },
)

test('after many faults each event is there once', async () => {
  const prefix = 'faults/'
  const state = world.newPath()
  world.lab.setFaults(everyFault(0.02))
  let exitCode: number | null = 1
  for (let pulls = 0; exitCode !== 0 && pulls < 5; pulls++) {
    ;({ exitCode } = await world.run([...pullTo(prefix, state), '--timeout', '2s']))
  }
  world.lab.setFaults({})
  expect(exitCode).toBe(0)
  expect(await idsIn(prefix)).toEqual([...archive.eventIds].toSorted())
  expect(leftovers(state)).toEqual([])
})
