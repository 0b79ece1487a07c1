import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { type StoredLog, storedLogs } from './support/stored-logs.ts'

let world: LabWorld
let logs: readonly StoredLog[]

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 200 } })
  logs = storedLogs(world.lab)
})
afterAll(() => world.stop())

const dayOf = ({ stamp }: StoredLog) => stamp.slice(0, 8).replace(/(....)(..)(..)/, '$1-$2-$3')
const bytesOf = (some: readonly StoredLog[]) => some.reduce((sum, { object }) => sum + object.body.length, 0)
const spelled = (stamp: string | undefined) => stamp?.replace(/(....)(..)(..)T(..)(..)/, '$1-$2-$3T$4:$5:00Z')

function groups(account: string): Record<string, unknown>[] {
  const nameOf = (log: StoredLog) => [log.logAccount, log.region, log.kind, dayOf(log)].join('/')
  return [...new Set(logs.map(nameOf))].sort().map((name) => {
    const [logAccount, region, kind, day] = name.split('/')
    const some = logs.filter((log) => nameOf(log) === name)
    return { account, logAccount, region, kind, day, objects: some.length, bytes: bytesOf(some) }
  })
}

test('--summary counts the logs by account, log account, region, kind and day', async () => {
  const { exitCode, stdout } = await world.run(['list', 'Z', '--summary', '--output', 'json'])
  const stamps = logs.map(({ stamp }) => stamp).sort()
  expect(exitCode).toBe(0)
  expect(jsonLines(stdout)).toEqual([
    ...groups('Z'),
    {
      total: {
        objects: logs.length,
        bytes: bytesOf(logs),
        oldest: spelled(stamps.at(0)),
        newest: spelled(stamps.at(-1)),
      },
    },
  ])
})

test('--summary as a table ends with the total', async () => {
  const { stdout } = await world.run(['list', 'Z', '--summary', '--kind', 'events'])
  expect(stdout).toMatch(new RegExp(`^total +${logs.filter(({ kind }) => kind === 'events').length} objects`, 'm'))
})

test('--buckets shows the buckets that the role can see', async () => {
  const { exitCode, stdout } = await world.run(['list', 'Z', '--buckets', '--output', 'json'])
  expect(exitCode).toBe(0)
  expect(jsonLines(stdout)).toEqual([
    expect.objectContaining({ account: 'Z', bucket: 'example-cloudtrail-logs', created: expect.stringMatching(/Z$/) }),
  ])
})

test('--buckets reports a role that may not list buckets, and shows those of the others', async () => {
  const { exitCode, stdout, stderr } = await world.run(['list', 'B', 'Z', '--buckets'])
  expect(exitCode).toBe(3)
  expect(stdout).toContain('example-cloudtrail-logs')
  expect(stderr).toContain('account B failed')
})
