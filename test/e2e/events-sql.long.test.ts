import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { duckRowsOf, rowsOfFile } from '../sinks/parquet/read-parquet.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { storedLogs } from './support/stored-logs.ts'
import { filesOf } from './support/tree.ts'

let world: LabWorld
let logs: string
let names: ReadonlyMap<string, number>
let total: number

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
  logs = world.newPath()
  expect(await world.run(['download', 'Z', '--to', logs])).toMatchObject({ exitCode: 0 })
  const events = new Map<string, string>()
  for (const { object } of storedLogs(world.lab)) {
    const { Records } = JSON.parse(gunzipSync(object.body).toString()) as { Records: Record<string, string>[] }
    for (const record of Records) events.set(record['eventID'] ?? record['eventId'] ?? '', record['eventName'] ?? '')
  }
  const counts = new Map<string, number>()
  for (const name of events.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
  names = counts
  total = events.size
}, 60_000)
afterAll(() => world.stop())

const countByName = 'select eventName, count(*) as n from events group by 1 order by 2 desc, 1'

function linesOf(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

test.each(['folder', 'bucket'])('SQL over the logs of a %s counts every event once', async (place) => {
  const where = place === 'folder' ? ['--dir', logs] : ['Z']
  const { exitCode, stdout, stderr } = await world.run(['events', ...where, '--sql', countByName])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/ queried$/m) as string })
  const counted = new Map(
    (linesOf(stdout) as { eventName: string | null; n: number }[]).map((row) => [row.eventName ?? '', row.n]),
  )
  expect(counted).toEqual(names)
})

test('filters narrow what SQL sees', async () => {
  const { stdout } = await world.run(['events', '--dir', logs, '--event-name', 'AssumeRole', '--sql', countByName])
  expect(linesOf(stdout)).toEqual([{ eventName: 'AssumeRole', n: names.get('AssumeRole') }])
})

test('--sql-file reads a file, and stdin for -', async () => {
  const file = world.newPath()
  writeFileSync(file, `-- how many\nselect count(*) as n from events;\n`)
  expect((await world.run(['events', '--dir', logs, '--sql-file', file])).stdout).toBe(`{"n":${total}}\n`)
  const command = world.start(['events', '--dir', logs, '--sql-file', '-', '--output', 'csv'], {
    stdin: 'select count(*) as n from events',
  })
  expect((await command.result).stdout).toBe(`n\n${total}\n`)
})

test('a table has a title line, and a formula in CSV is neutralized', async () => {
  const sql = `select '=1+1' as "=a", count(*) as n from events`
  const table = await world.run(['events', '--dir', logs, '--sql', sql, '--output', 'table'])
  expect(table.stdout).toMatch(/^=a +n\n=1\+1 +\d+\n$/)
  const csv = await world.run(['events', '--dir', logs, '--sql', sql, '--output', 'csv'])
  expect(csv.stdout).toBe(`'=a,n\n'=1+1,${total}\n`)
})

test('--output parquet sends one complete file to stdout', async () => {
  const file = `${world.newPath()}.parquet`
  const stdout = openSync(file, 'w')
  const args = ['events', '--dir', logs, '--sql', countByName, '--output', 'parquet']
  expect(await world.run(args, { stdout })).toMatchObject({ exitCode: 0 })
  closeSync(stdout)
  const rows = await rowsOfFile(file)
  expect(new Map(rows.map((row) => [(row['eventName'] as string | null) ?? '', Number(row['n'])]))).toEqual(names)
})

test.each([
  ['two statements', 'select 1; select 2', /exactly one SELECT/],
  ['a statement that writes', "copy (select 1) to '/tmp/x.csv'", /cannot be run/],
  ['a file', "select * from read_text('/etc/passwd')", /disabled by configuration/],
  ['nonsense', 'selct 1', /syntax error/],
])('SQL with %s exits with 2 before anything is read', async (_, sql, says) => {
  const { exitCode, stdout, stderr } = await world.run(['events', 'Z', '--sql', sql])
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(says) as string,
  })
})

test('--to writes a dataset with every event once, a second run adds nothing, and SQL reads it', async () => {
  const to = world.newPath()
  const first = await world.run(['events', 'Z', '--to', to, '--format', 'parquet'])
  expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(` events in `) as string })
  expect(await duckRowsOf(to)).toHaveLength(total)
  const files = filesOf(to)
  const second = await world.run(['events', '--dir', logs, '--to', to])
  expect(second).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/wrote 0 events .* were there already/) as string,
  })
  expect(filesOf(to)).toEqual(files)
  const { stdout } = await world.run(['events', '--dir', to, '--sql', 'select count(*) as n from events'])
  expect(stdout).toBe(`{"n":${total}}\n`)
  expect(readdirSync(join(to, '.crosstrail', 'tmp'))).toEqual([])
})

test('an unreadable log fails a query and an export with 1, and what was read is used', async () => {
  const folder = world.newPath()
  mkdirSync(folder)
  writeFileSync(join(folder, 'good.json'), '{"Records":[{"eventName":"A","eventID":"1"}]}')
  writeFileSync(join(folder, 'bad.json'), '{"Records":[{"eventName":"A"')
  const query = await world.run(['events', '--dir', folder, '--sql', 'select eventName from events'])
  expect(query).toMatchObject({
    exitCode: 1,
    stdout: '{"eventName":"A"}\n',
    stderr: expect.stringContaining('bad.json') as string,
  })
  const to = world.newPath()
  expect(await world.run(['events', '--dir', folder, '--to', to])).toMatchObject({ exitCode: 1 })
  expect(await duckRowsOf(to)).toMatchObject([{ eventName: 'A', eventID: '1' }])
})

test('a query is not answered if no log could be read', async () => {
  const folder = world.newPath()
  mkdirSync(folder)
  writeFileSync(join(folder, 'bad.json'), '{')
  const sql = ['--sql', 'select count(*) as n from events']
  expect(await world.run(['events', '--dir', folder, ...sql])).toMatchObject({ exitCode: 1, stdout: '' })
})

test('a dataset is queried alone and whole: filters are refused, and so is a search without SQL', async () => {
  const to = world.newPath()
  expect(await world.run(['events', '--dir', logs, '--to', to])).toMatchObject({ exitCode: 0 })
  const sql = ['--sql', 'select 1']
  const conflict = { exitCode: 2, stdout: '' }
  expect(await world.run(['events', '--dir', to])).toMatchObject(conflict)
  expect(await world.run(['events', '--dir', to, '--dir', logs, ...sql])).toMatchObject(conflict)
  expect(await world.run(['events', '--dir', to, '--event-name', 'x', ...sql])).toMatchObject(conflict)
  expect(await world.run(['events', '--dir', to, '--last', '1h', ...sql])).toMatchObject(conflict)
  writeFileSync(join(to, 'other.json'), '{}')
  expect(await world.run(['events', '--dir', to, ...sql])).toMatchObject({
    ...conflict,
    stderr: expect.stringContaining('other.json') as string,
  })
})

test.each(['athena', 'duckdb', 'spark'])(
  '--print-schema %s needs no config and names the place of --to',
  async (engine) => {
    const place = engine === 'athena' ? 's3://example-bucket/events' : './dataset'
    const { exitCode, stdout } = await world.run(['events', '--print-schema', engine, '--to', place], {
      env: { CROSSTRAIL_CONFIG: '/nonexistent' },
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(place) as string })
  },
)
