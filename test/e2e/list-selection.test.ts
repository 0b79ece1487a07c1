import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, type StoredLog, storedLogs } from './support/stored-logs.ts'

let world: LabWorld
let logs: readonly StoredLog[]
/** The stamp of a log, where a window ends exactly. */
let edge: string

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 300, regions: ['us-east-1', 'eu-west-1', 'us-west-2'], digests: true } })
  logs = storedLogs(world.lab)
  edge = logs.find(({ kind }) => kind === 'insight')?.stamp ?? ''
})
afterAll(() => world.stop())

const spelled = (stamp: string): string => stamp.replace(/(....)(..)(..)T(..)(..)/, '$1-$2-$3T$4:$5')

test.each<[string, () => readonly string[], (log: StoredLog) => boolean]>([
  ['a day', () => ['--from', '2026-11-03', '--until', '2026-11-04'], ({ stamp }) => stamp.startsWith('20261103')],
  ['an open end', () => ['--from', '2026-11-06'], ({ stamp }) => stamp >= '20261106T0000'],
  ['an open start', () => ['--to', '2026-11-02T06:00'], ({ stamp }) => stamp < '20261102T0600'],
  [
    'another offset from UTC',
    () => ['--from', '2026-11-04T01:00:00+02:00', '--until', '2026-11-05T00:30:00-01:30'],
    ({ stamp }) => stamp >= '20261103T2300' && stamp < '20261105T0200',
  ],
  ['a start on a log', () => ['--from', spelled(edge)], ({ stamp }) => stamp >= edge],
  ['an end on a log', () => ['--until', spelled(edge)], ({ stamp }) => stamp < edge],
  ['no log', () => ['--from', '2025-01-01', '--until', '2025-02-01'], () => false],
  ['a region', () => ['--region', 'eu-west-1'], ({ region }) => region === 'eu-west-1'],
  ['regions', () => ['--region', 'eu-west-1,us-west-2'], ({ region }) => /^(eu-west-1|us-west-2)$/.test(region)],
  ['a log account', () => ['--log-account', '012345678901'], ({ logAccount }) => logAccount === '012345678901'],
  ['a kind', () => ['--kind', 'insight'], ({ kind }) => kind === 'insight'],
  ['digests', () => ['--kind', 'digest', '--kind', 'insight'], ({ kind }) => kind === 'digest' || kind === 'insight'],
  ['--include', () => ['--include', '**/us-east-1/2026/11/05/**'], ({ key }) => key.includes('/us-east-1/2026/11/05/')],
  ['--exclude', () => ['--exclude', '**/CloudTrail-Digest/**'], ({ kind }) => kind !== 'digest'],
  [
    'all at once',
    () =>
      '--from 2026-11-02 --until 2026-11-07 --kind events --region us-east-1 --log-account 555555555555 --exclude **/05/**'.split(
        ' ',
      ),
    ({ stamp, kind, region, logAccount, key }) =>
      stamp >= '20261102' &&
      stamp < '20261107' &&
      kind === 'events' &&
      region === 'us-east-1' &&
      logAccount === '555555555555' &&
      !key.includes('/05/'),
  ],
])('a selection by %s lists exactly those logs', async (_name, args, selects) => {
  const { exitCode, stdout } = await world.run(['list', 'Z', '--output', 'json', '--quiet', ...args()])
  expect(exitCode).toBe(0)
  expect(
    jsonLines(stdout)
      .map(({ key }) => String(key))
      .sort(),
  ).toEqual(keysOf(logs.filter(selects)))
})
