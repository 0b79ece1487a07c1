import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, type StoredLog, storedLogs } from './support/stored-logs.ts'

let world: LabWorld
let logs: readonly StoredLog[]

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 120 } })
  logs = storedLogs(world.lab)
})
afterAll(() => world.stop())

const ofB = () => logs.filter(({ logAccount }) => logAccount === '222222222222')
const iso = (instantMs: number) => `${new Date(instantMs).toISOString().slice(0, 19)}Z`

function row({ key, logAccount, region, kind, stamp, object }: StoredLog, account: string): Record<string, unknown> {
  const [, date, time] = /(\d{8})T(\d{4})/.exec(stamp) ?? []
  return {
    key,
    sizeBytes: object.body.length,
    lastModified: iso(object.lastModifiedMs),
    etag: object.etag,
    storageClass: 'STANDARD',
    account,
    logAccount,
    region,
    kind,
    deliveredAt: `${date?.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time?.replace(/(..)(..)/, '$1:$2')}:00Z`,
  }
}

const byKey = (a: Record<string, unknown>, b: Record<string, unknown>) => (String(a['key']) < String(b['key']) ? -1 : 1)

test('JSON has a line with the promised fields for each log and nothing else', async () => {
  const { exitCode, stdout } = await world.run(['list', 'B', '--output', 'json'])
  expect(exitCode).toBe(0)
  const rows = jsonLines(stdout)
  expect(rows.toSorted(byKey)).toEqual(ofB().map((log) => row(log, 'B')))
  expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(row(ofB()[0] as StoredLog, 'B')))
})

test('CSV has the same values under the same names', async () => {
  const { stdout } = await world.run(['list', 'B', '--output', 'csv'])
  const [title, ...lines] = stdout.trimEnd().split('\n')
  const expected = ofB().map((log) => Object.values(row(log, 'B')).join(','))
  expect(title).toBe(Object.keys(row(ofB()[0] as StoredLog, 'B')).join(','))
  expect(lines.sort()).toEqual(expected.sort())
})

test('the table has a title and a line for each log', async () => {
  const { stdout, stderr } = await world.run(['list', 'B'])
  const [title, ...lines] = stdout.trimEnd().split('\n')
  expect(title).toMatch(/^DELIVERED .*KEY$/)
  expect(lines.map((line) => line.split(' ').at(-1) ?? '').sort()).toEqual(keysOf(ofB()))
  expect(stderr).toMatch(new RegExp(`^B +${ofB().length} `, 'm'))
})

test('lists a key that two accounts can read once, through its own account', async () => {
  const { exitCode, stdout } = await world.run(['list', '--output', 'json'])
  expect(exitCode).toBe(0)
  const owner: Record<string, string> = { 222222222222: 'B', 333333333333: 'C' }
  expect(jsonLines(stdout).toSorted(byKey)).toEqual(logs.map((log) => row(log, owner[log.logAccount] ?? 'Z')))
})

test('an account that reads all lists all logs if it is selected alone', async () => {
  const { stdout } = await world.run(['list', 'Z', '--output', 'json'])
  expect(jsonLines(stdout).toSorted(byKey)).toEqual(logs.map((log) => row(log, 'Z')))
})

test('--sorted sorts by key within each log account, kind and region', async () => {
  const { stdout } = await world.run(['list', '--sorted', '--output', 'json'])
  expect(jsonLines(stdout).map(({ key }) => key)).toEqual(keysOf(logs))
})

test('--max-objects lists exactly that many', async () => {
  const { stdout, exitCode } = await world.run(['list', 'Z', '--max-objects', '7', '--output', 'json'])
  expect({ exitCode, rows: jsonLines(stdout).length }).toEqual({ exitCode: 0, rows: 7 })
})
