import { gunzipSync } from 'node:zlib'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { leftovers, treeOf } from './support/tree.ts'

let world: LabWorld
let logs: readonly StoredLog[]
const killsEach = 10

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 300 } })
  logs = storedLogs(world.lab)
})
afterAll(() => world.stop())

const nameOf = ({ key }: StoredLog) => key.split('/').at(-1) ?? ''
const unzipped = { path: ({ key }: StoredLog) => key.replace(/\.gz$/, ''), content: (body: Buffer) => gunzipSync(body) }

test.each([
  [[], {}, {}],
  [['--overwrite'], {}, {}],
  // Slow enough that the second thread works too
  [['--overwrite', '--threads', '2', '--concurrency', '8'], {}, { latencyMs: 20, lastGet: 150 }],
  [['--decompress'], unzipped, {}],
  [['--layout', 'flat'], { path: nameOf }, {}],
])(
  'after a kill at a random time every file is complete, and the next run completes the download: %j',
  async (
    args: readonly string[],
    arrangement: Parameters<typeof mirrorOf>[1],
    { latencyMs, lastGet = 25 }: { readonly latencyMs?: number; readonly lastGet?: number },
  ) => {
    const whole = mirrorOf(logs, arrangement)
    const to = world.newPath()
    const command = ['download', 'B', 'Z', '--to', to, ...args]
    for (let kill = 0; kill < killsEach; kill += 1) {
      const { child, result } = world.start(command)
      const atGet = Math.ceil(Math.random() * lastGet)
      const delayMs = Math.random() * 10
      let gets = 0
      world.lab.setFaults({
        hook: ({ operation }) => {
          if (operation === 'GetObject' && ++gets === atGet) setTimeout(() => child.kill('SIGKILL'), delayMs)
          return latencyMs === undefined ? undefined : { latencyMs }
        },
      })
      const { signal } = await result
      expect(signal, `kill ${kill} at GET ${atGet} and ${delayMs} ms`).toBe('SIGKILL')
      if (existsSync(to)) expect(whole).toMatchObject(treeOf(to))
    }
    world.lab.setFaults({})
    expect(await world.run(command)).toMatchObject({ exitCode: 0 })
    expect(treeOf(to)).toEqual(whole)
    expect(leftovers(to)).toEqual([])
  },
)
