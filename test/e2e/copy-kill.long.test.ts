import { afterAll, beforeAll, expect, test } from 'vitest'
import { archive, contentsOf, type CopyWorld, copyWorld, foreignArchive, logContents } from './support/copy-world.ts'

let world: CopyWorld
const killsEach = 25

beforeAll(async () => {
  world = await copyWorld({ sample: { objects: 1500 } })
  const key =
    'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0000Z_LargeLargeLarge1.json.gz'
  world.lab.bucket().put(key, Buffer.alloc(12 * 1024 ** 2, 'log'))
})
afterAll(() => world.stop())

test.each([
  ['CopyObject', ['--to', archive], () => world.archive],
  ['PutObject', ['--to', foreignArchive, '--to-account', 'Zarchive'], () => world.foreign],
])(
  'after a kill at a random %s every copy is complete, and the next run copies the rest',
  async (operation, to, bucketOf) => {
    const whole = logContents(world)
    const command = ['copy', 'Z', ...to, '--concurrency', '8']
    for (let kill = 0; kill < killsEach; kill += 1) {
      const { child, result } = world.start(command)
      const atCall = Math.ceil(Math.random() * 12)
      const delayMs = Math.random() * 10
      let calls = 0
      world.lab.setFaults({
        hook: (request) => {
          if (request.operation === operation && ++calls === atCall) setTimeout(() => child.kill('SIGKILL'), delayMs)
          return undefined
        },
      })
      const { signal } = await result
      expect(signal, `kill ${kill} at call ${atCall} and ${delayMs} ms`).toBe('SIGKILL')
      expect(whole).toMatchObject(contentsOf(bucketOf()))
    }
    world.lab.setFaults({})
    expect(await world.run(command)).toMatchObject({ exitCode: 0 })
    expect(contentsOf(bucketOf())).toEqual(whole)
  },
)
